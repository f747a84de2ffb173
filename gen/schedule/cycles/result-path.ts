/**
 * global_pool's scaler, result_writer and burst_writer: from the last sums, or the words of a store, to the response
 * that ends a job.
 */
import { type Geometry, WORD } from '../../geometry/geometry.ts';
import { UNKNOWN } from './clock.ts';
import type { Memory } from './memory.ts';
import { Queue } from './queue.ts';
import type { Timing } from './timing.ts';

/** A logit's sum taken → the scaler may pass its product on, and then takes the next. */
const MULTIPLY = 17;
/** burst_writer's own limits: beats of a burst, bursts without response. */
const MOST_BEATS = 16;
const OPEN_BURSTS = 8;
const QUEUED_BURSTS = 4;
/** transfer_unit: words read and not handed over, and cycles from a word's read to its offer. */
const STORE_QUEUE = 8;
const READ_TO_WORD = 5;

export class ResultPath {
  private readonly timing: Timing;
  private readonly outputLanes: number;
  private readonly beatBytes: number;
  private readonly maxBeats: number;
  private readonly memory: Memory;

  private readonly jobs: { readonly queued: number; readonly address: number; readonly classes: number }[] =
    [];

  /** The scaler: may take a sum, and where the logit before stands. */
  private scalerFree = 0;
  private passed = 0;
  private taken = 0;
  /** result_writer: logits of the present job taken. */
  private count = 0;
  private classes = 0;
  private takeFrom = 0;
  private address = 0;
  private wordFree = 0;
  /** burst_writer. */
  private beats = 0;
  private beatFree = 0;
  private startFree = 0;
  private readonly responses: number[] = [];
  private readonly queuedBeats: Queue;
  private readonly queuedBursts = new Queue(QUEUED_BURSTS);
  private beatsQueued = 0;
  private burstsQueued = 0;

  constructor(geometry: Geometry, timing: Timing, memory: Memory) {
    this.timing = timing;
    this.outputLanes = geometry.outputLanes;
    this.beatBytes = geometry.portBits / 8;
    this.maxBeats = 2 ** Math.floor(Math.log2(Math.min(geometry.burstBeats, MOST_BEATS)));
    this.memory = memory;
    this.queuedBeats = new Queue(2 * this.maxBeats);
  }

  /** A job's context was taken in `cycle`, with its result's address and number of logits. */
  begin(cycle: number, address: number, classes: number): void {
    this.jobs.push({ queued: cycle + 1, address, classes });
    if (this.jobs.length === 1) this.startJob();
  }

  private startJob(): void {
    const [job] = this.jobs;
    this.takeFrom = Math.max(this.takeFrom, job.queued + 1);
    this.address = job.address;
    this.classes = job.classes;
    this.beats = 0;
  }

  /** The present job's result address, and the first cycle in which it is seen. */
  get base(): { readonly address: number; readonly from: number } {
    const [job] = this.jobs;
    return job === undefined ? { address: 0, from: UNKNOWN } : { address: job.address, from: this.takeFrom };
  }

  /**
   * A store of so many words begins in `cycle`, of scratch to `address`, else of the result.
   *
   * @returns the cycle in which transfer_unit says that it is finished, and of a result that of the response that
   *   ends the job
   */
  store(
    cycle: number,
    words: number,
    address?: number,
  ): { readonly finished: number; readonly done: number | undefined } {
    if (address !== undefined) this.address = address;
    const queue = new Queue(STORE_QUEUE);
    let read = cycle;
    let handed = -1;
    for (let word = 0; word < words; word++) {
      read = Math.max(read + 1, queue.takesFrom(word));
      handed = Math.max(read + READ_TO_WORD, handed + 1, this.wordFree);
      queue.pop(handed);
      this.wordFree = this.word(handed + 1, word + 1 === words);
    }
    if (address === undefined) return { finished: handed + 1, done: this.trailer(handed + 1) };
    const settled = this.settled(handed + 1);
    this.takeFrom = settled + 2;
    this.address = this.jobs[0].address;
    return { finished: settled + 1, done: undefined };
  }

  /**
   * The sums of one tile of classes end with the token in `cycle`.
   *
   * @returns the cycle from which the next tile's sums may end, and, with the last tile, that of the response
   *   that ends the job
   */
  tile(cycle: number): { readonly free: number; readonly done: number | undefined } {
    let full = cycle + this.timing.poolToScaler;
    let done: number | undefined;
    for (let i = 0; i < this.outputLanes; i++) {
      const take = Math.max(full, this.scalerFree);
      const pass = Math.max(take + MULTIPLY, this.passed);
      this.scalerFree = pass + 1;
      // Through the rounding register to the output, each when what is before it moves on.
      const moves = Math.max(pass + 1, this.taken);
      this.passed = moves;
      full = take + 1;
      done = this.logit(moves + 1);
    }
    return { free: full, done };
  }

  /** As above, but the sums are kept, one a cycle. */
  keep(cycle: number): { readonly free: number; readonly done: undefined } {
    return { free: cycle + this.timing.poolToScaler + this.outputLanes, done: undefined };
  }

  /** result_writer takes a logit; with the job's last one it writes all to the end. */
  private logit(shown: number): number | undefined {
    const cycle = Math.max(shown, this.takeFrom, this.wordFree);
    this.taken = cycle;
    const { count } = this;
    this.takeFrom = cycle + 1;
    this.count++;
    if (count < this.classes && (count % 4 === 3 || count + 1 === this.classes))
      this.wordFree = this.word(cycle + 1, count + 1 === this.classes);
    const padded = Math.ceil(this.classes / this.outputLanes) * this.outputLanes;
    if (this.count < padded) return undefined;
    this.count = 0;
    return this.trailer(cycle + 1);
  }

  /** Waits until everything written is answered, then writes the trailer; its response ends the job. */
  private trailer(waiting: number): number {
    this.word(this.settled(waiting) + 1, true);
    const done = this.responses.at(-1)!;
    this.jobs.shift();
    this.takeFrom = done + 2;
    if (this.jobs.length > 0) this.startJob();
    return done;
  }

  /** First cycle from `waiting` on in which everything written is seen as answered. */
  private settled(waiting: number): number {
    return Math.max(waiting, this.wordFree + 1, this.responses.at(-1)! + 1);
  }

  /** A word is offered to burst_writer from `cycle` on; returns the cycle in which its last beat is queued. */
  private word(cycle: number, last: boolean): number {
    const beatsPerWord = Math.max(1, WORD / this.beatBytes);
    const perBeat = Math.max(1, this.beatBytes / WORD);
    const lane = (this.address / WORD) % perBeat;
    let at = Math.max(cycle, this.beatFree);
    if (lane === perBeat - 1 || last) {
      for (let part = 0; part < beatsPerWord; part++) {
        if (part > 0) at++;
        const beatFrom = this.queuedBeats.takesFrom(this.beatsQueued++);
        at = Math.max(at, beatFrom, this.queuedBursts.takesFrom(this.burstsQueued));
        this.beats++;
        const index = Math.floor((this.address + part * this.beatBytes) / this.beatBytes);
        const ends = (index + 1) % this.maxBeats === 0 || (last && part === beatsPerWord - 1);
        if (ends) this.burst(at + 1);
      }
    }
    this.beatFree = at + 1;
    this.address += WORD;
    return at;
  }

  /** A burst is queued and shows from `cycle` on. */
  private burst(cycle: number): void {
    const open = this.responses[this.responses.length - OPEN_BURSTS] ?? -1;
    const start = Math.max(cycle, this.startFree, open + 1);
    const accepted = this.memory.acceptAddress(start + 1);
    this.startFree = accepted;
    this.queuedBursts.pop(start);
    this.burstsQueued++;
    let beat = 0;
    for (let i = 0; i < this.beats; i++) {
      beat = this.memory.writeBeat(start + 1);
      this.queuedBeats.pop(beat);
    }
    this.beats = 0;
    this.responses.push(this.memory.response(Math.max(beat, accepted)));
  }
}
