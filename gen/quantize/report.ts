/** What quantizing a network leaves to say. */
import type { Accumulation } from './convolution.ts';
import { sumBits } from './proof.ts';

export interface QuantizationReport {
  /** Proved accumulator width of each convolution, bits. */
  readonly accumulatorBits: ReadonlyMap<string, number>;
  /** One sentence for each convolution with channels whose scale had to be enlarged. */
  readonly notes: readonly string[];
}

/** Collects the report while the quantizer walks the network. */
export class ReportBuilder implements QuantizationReport {
  readonly accumulatorBits = new Map<string, number>();
  readonly notes: string[] = [];

  add(conv: string, { bounds, enlarged }: Accumulation): void {
    this.accumulatorBits.set(
      conv,
      bounds.reduce((bits, bound) => Math.max(bits, sumBits(bound)), 0),
    );
    if (enlarged.length === 0) return;
    const channels = `channel${enlarged.length > 1 ? 's' : ''} ${enlarged.join(', ')}`;
    this.notes.push(`${conv}: ${channels}: larger weight scale, so that the sums fit the accumulator`);
  }
}
