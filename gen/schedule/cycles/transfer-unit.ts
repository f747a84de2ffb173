/** transfer_unit: rows of a map between the feature memory and the result buffer, one transfer at a time. */
import { type Transfer, transferWords } from '../nest.ts';
import type { BurstReader } from './burst-reader.ts';
import { UNKNOWN, Unit } from './clock.ts';
import type { ResultPath } from './result-path.ts';
import { WriteTimes } from './write-times.ts';

interface Hooks {
  /** It says in `cycle` that the transfer is finished. */
  onFinished(cycle: number): void;
  /** The response that ends a job whose result is a map comes in `cycle`. */
  onResult(cycle: number): void;
}

export class TransferUnit extends Unit {
  private readonly result: ResultPath;
  private readonly reader: BurstReader;
  private readonly hooks: Hooks;
  private offered: { readonly transfer: Transfer; readonly from: number } | undefined;

  /** The load: words left and in its row, and the first cycle in which one can be taken. */
  private loading: Transfer | undefined;
  private left = 0;
  private inRow = 0;
  private takeFrom = 0;
  private readonly writes = new WriteTimes();

  constructor(result: ResultPath, reader: BurstReader, hooks: Hooks) {
    super();
    this.result = result;
    this.reader = reader;
    this.hooks = hooks;
  }

  /** The run generator offers a transfer from `cycle` on. */
  offer(transfer: Transfer, cycle: number): void {
    this.offered = { transfer, from: cycle };
    this.wake(cycle);
  }

  /** Whether it writes in `cycle`; asked in order of time. */
  writesIn(cycle: number): boolean {
    return this.writes.has(cycle);
  }

  act(cycle: number): void {
    if (this.offered !== undefined) this.begin(cycle);
    else this.load();
  }

  private begin(cycle: number): void {
    const { transfer, from } = this.offered!;
    const base = this.result.base;
    const begins = Math.max(from, base.from);
    if (begins > cycle) {
      this.wake(begins);
      return;
    }
    this.offered = undefined;
    const words = transferWords(transfer);
    const address = base.address + transfer.offset;
    if (transfer.direction === 'load') {
      const request = Math.max(begins + 1, this.reader.requestReady);
      this.loading = transfer;
      this.left = words;
      this.inRow = 0;
      this.takeFrom = begins + 1;
      this.reader.request(request, address, words);
      return;
    }
    const { finished, done } = this.result.store(begins, words, transfer.result ? undefined : address);
    this.hooks.onFinished(finished);
    if (done !== undefined) this.hooks.onResult(done);
  }

  /** Takes the words that are known to come. A pad word is dropped, any other written when it is taken. */
  private load(): void {
    while (this.loading !== undefined && this.reader.word !== UNKNOWN) {
      const { region, rowPixels, padWords } = this.loading;
      const taken = Math.max(this.reader.word, this.takeFrom);
      this.takeFrom = taken + 1;
      if (this.inRow < rowPixels * region.vectors) this.writes.add(taken);
      this.inRow = (this.inRow + 1) % (rowPixels * region.vectors + padWords);
      if (--this.left === 0) {
        this.loading = undefined;
        this.hooks.onFinished(taken + 1);
      }
      this.reader.take(taken);
    }
  }
}
