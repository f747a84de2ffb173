/** When each word of the tape stands in the ring: bursts, outstanding limit, fifo and ring space. */
import { type Geometry, OUTSTANDING_BURSTS, WORD } from '../../geometry/geometry.ts';
import type { Timing } from './timing.ts';

/** Beats that the reader may have asked for and not yet passed on. */
export const FIFO_BEATS = 128;

interface Segment {
  words: number;
  readonly kind: 'header' | 'command' | 'packet' | 'weights';
}

/**
 * The words of all jobs' tapes in one sequence, advanced as far as somebody asks. The caller tells the
 * releases of a ring's length before it asks for a word, as the weight loader does in its order.
 */
export class TapeStream {
  private readonly timing: Timing;
  private readonly latency: number;
  private readonly beatsPerWord: number;
  private readonly burstWords: number;
  private readonly fifoWords: number;
  private readonly ringWords: number;
  private readonly segments: Segment[] = [];
  private readonly weightArrivals: number[] = [];
  /** Last pop of each finished header and command segment, in order. */
  private readonly headerEnds: number[] = [];
  private readonly commandEnds: number[] = [];
  private readonly releases: { upTo: number; time: number }[] = [];
  private releaseIndex = 0;
  private inBurst = 0;
  private from = 0;
  private lastBeat = 0;
  private lastRequest = 0;
  private lastPop = 0;
  private readonly burstEnds: number[] = [];
  private readonly pops: number[] = [];

  constructor(geometry: Geometry, timing: Timing, latency: number) {
    this.timing = timing;
    this.latency = latency;
    this.beatsPerWord = (WORD * 8) / geometry.portBits;
    this.burstWords = Math.max(1, geometry.burstBeats / this.beatsPerWord);
    this.fifoWords = FIFO_BEATS / this.beatsPerWord;
    this.ringWords = geometry.ringWords;
    this.from = timing.startToRequest;
  }

  enqueue(kind: Segment['kind'], words: number): void {
    this.segments.push({ kind, words });
  }

  /** Ring words below `upTo` (running count) are free from `time`. */
  release(upTo: number, time: number): void {
    this.releases.push({ upTo, time });
  }

  /** Cycle from which weight word `index` (running count over all jobs) may be read from the ring. */
  weightArrival(index: number): number {
    while (this.weightArrivals.length <= index) this.advance();
    return this.weightArrivals[index];
  }

  /** Cycle in which the last word of the n-th command was taken in. */
  commandEnd(n: number): number {
    while (this.commandEnds.length <= n) this.advance();
    return this.commandEnds[n];
  }

  headerEnd(n: number): number {
    while (this.headerEnds.length <= n) this.advance();
    return this.headerEnds[n];
  }

  private advance(): void {
    const [segment] = this.segments;
    if (this.inBurst === 0) this.request(segment.kind === 'header' ? segment.words : this.burstWords);
    this.inBurst--;
    const beat = this.lastBeat - Math.floor(this.inBurst * this.beatsPerWord);
    let pop = Math.max(this.lastPop + 1, beat + this.timing.beatToRing);
    if (segment.kind === 'weights' && this.weightArrivals.length >= this.ringWords) {
      pop = Math.max(pop, this.freeTime(this.weightArrivals.length - this.ringWords + 1));
    }
    this.lastPop = pop;
    this.pops.push(pop);
    if (segment.kind === 'weights') this.weightArrivals.push(pop + 1);
    if (--segment.words > 0) return;
    this.segments.shift();
    if (segment.kind === 'command') this.commandEnds.push(pop);
    if (segment.kind === 'header') {
      this.headerEnds.push(pop);
      this.from = pop + this.timing.headerToRequest;
      this.inBurst = 0;
    }
    if (this.segments[0]?.kind === 'header') {
      this.from = pop + this.timing.headerToRequest;
      this.inBurst = 0;
    }
  }

  private request(words: number): void {
    const n = this.pops.length;
    const outstanding = this.burstEnds[this.burstEnds.length - OUTSTANDING_BURSTS] ?? 0;
    const popped = this.pops[n + words - 1 - this.fifoWords] ?? 0;
    this.lastRequest = Math.max(this.lastRequest + 1, this.from, outstanding + 1, popped + 1);
    const beats = Math.ceil(words * this.beatsPerWord);
    this.lastBeat = Math.max(this.lastRequest + 1 + this.latency, this.lastBeat + 1) + beats - 1;
    this.burstEnds.push(this.lastBeat);
    this.inBurst = words;
  }

  private freeTime(upTo: number): number {
    while (this.releaseIndex < this.releases.length && this.releases[this.releaseIndex].upTo < upTo)
      this.releaseIndex++;
    return (this.releases[this.releaseIndex]?.time ?? Number.POSITIVE_INFINITY) + 1;
  }
}
