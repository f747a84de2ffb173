/** What must be true of every outcome, and how much is tried. */
import { type Campaign, type Outcome, WATCHDOG_BITS } from './campaign.ts';

/** RANDOM_FAULTS: single-bit flips; all that is random follows it. RANDOM_SEED draws others. */
export const FLIPS = Number(process.env.RANDOM_FAULTS ?? 10_000);
export const SEED = Number(process.env.RANDOM_SEED ?? 1);

/** From a response to its error code (the interrupt). */
export const REPORT_CYCLES = 4;
/**
 * From an error to an idle engine: the latency of the memory and the beats of the eight bursts that may be outstanding,
 * which come cycle by cycle; 20 behind them; and those until the host's next look at STATUS.
 */
export const REST_CYCLES = 5 + 8 * 16 + 20 + 16;

export const recovered = ({ end, clean }: Outcome) => end === 'idle' && clean === 'r';
export const neverWrong = ({ results }: Outcome) => !results.includes('w');
export const right = ({ results }: Outcome) => [...results].filter((letter) => letter === 'r').length;

/** Nothing takes longer than the job, a watchdog and coming to rest. */
export const inTime = ({ idle }: Outcome, faultless: Outcome) =>
  idle <= faultless.idle + 2 ** WATCHDOG_BITS + REST_CYCLES;

/** One line a trial whose outcome is not as it must be. */
export async function failures(
  campaign: Campaign,
  trials: readonly string[],
  isRight: (outcome: Outcome, index: number) => boolean,
): Promise<string[]> {
  const outcomes = await campaign.run(trials);
  return outcomes.flatMap((outcome, i) =>
    isRight(outcome, i) ? [] : [`${trials[i].slice(0, 80)}: ${JSON.stringify(outcome)}`],
  );
}

/** How often there was each code. */
export class Codes {
  private readonly counts = new Map<string, number>();

  count({ code }: Outcome): void {
    this.counts.set(code, (this.counts.get(code) ?? 0) + 1);
  }

  toString(): string {
    return [...this.counts].map(([code, count]) => `${count} ${code}`).join(', ');
  }
}
