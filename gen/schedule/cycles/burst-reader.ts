/** burst_reader: requests for words become bursts; the beats that come back become words again. */
import { type Geometry, QUEUE_BEATS, WORD } from '../../geometry/geometry.ts';
import { UNKNOWN } from './clock.ts';

/** No burst crosses 4 KiB. */
const PAGE_BYTES = 4096;

/** Beats kept in the two rings below: more than are ever on their way. */
const KEPT = 4 * QUEUE_BEATS;

export class BurstReader {
  private readonly beatBytes: number;
  private readonly maxBeats: number;
  private readonly beatsPerWord: number;
  private readonly wordsPerBeat: number;
  /** Called when the next burst is offered from a cycle on. */
  private readonly onOffer: (cycle: number) => void;
  /** Called when the next word may be valid from a cycle on. */
  private readonly onWord: (cycle: number) => void;
  /** Called when `requestReady` may be known that was not. */
  private readonly onRequestReady: (cycle: number) => void;

  /** Requests to bursts. */
  private index = 0;
  private left = 0;
  private sizedFrom = UNKNOWN;
  private requestFrom = 0;
  private issued = 0;
  /** Words of requests whose words have not all been taken (wide ports). */
  private readonly lengths: number[] = [];
  private requests = 0;
  private readonly lengthPops: number[] = [];

  /** Beats to words: arrival of each beat, and the cycle in which it leaves the queue. */
  private readonly arrivals = new Float64Array(KEPT);
  private readonly pops = new Float64Array(KEPT);
  private arrived = 0;
  private popped = 0;
  private lastPop = -1;
  private wordTaken = -1;
  private wordFrom = UNKNOWN;
  /** Words of the beat (wide) or beats of the word (narrow) passed on. */
  private part = 0;
  private sent = 0;

  constructor(
    geometry: Geometry,
    onOffer: (cycle: number) => void,
    onWord: (cycle: number) => void,
    onRequestReady: (cycle: number) => void = () => {},
  ) {
    this.beatBytes = geometry.portBits / 8;
    const limit = Math.min(geometry.burstBeats, PAGE_BYTES / this.beatBytes);
    this.maxBeats = 2 ** Math.floor(Math.log2(limit));
    this.beatsPerWord = Math.max(1, WORD / this.beatBytes);
    this.wordsPerBeat = Math.max(1, this.beatBytes / WORD);
    this.onOffer = onOffer;
    this.onWord = onWord;
    this.onRequestReady = onRequestReady;
  }

  /** First cycle in which a request is taken; UNKNOWN while bursts of the last one are to be issued. */
  get requestReady(): number {
    if (this.wordsPerBeat === 1 || this.requests < 4) return this.requestFrom;
    return Math.max(this.requestFrom, (this.lengthPops[this.requests - 4] ?? UNKNOWN) + 1);
  }

  /** A request for `words` words from `address` on is taken in `cycle`. */
  request(cycle: number, address: number, words: number): void {
    this.index = address / this.beatBytes;
    this.left = this.wordsPerBeat > 1 ? Math.ceil(words / this.wordsPerBeat) : words * this.beatsPerWord;
    this.requests++;
    if (this.wordsPerBeat > 1) this.lengths.push(words);
    this.sizedFrom = cycle + 2;
    this.requestFrom = UNKNOWN;
    this.onOffer(this.offer);
  }

  private get nextBeats(): number {
    return Math.min(this.left, this.maxBeats - (this.index % this.maxBeats));
  }

  /** First cycle in which the next burst is offered: its length stands, and the queue has room for all of it. */
  get offer(): number {
    if (this.left === 0) return UNKNOWN;
    const toLeave = this.issued + this.nextBeats - QUEUE_BEATS;
    if (toLeave <= 0) return this.sizedFrom + 1;
    if (toLeave > this.popped) return UNKNOWN;
    return Math.max(this.sizedFrom, this.pops[(toLeave - 1) % KEPT] + 1) + 1;
  }

  /** The port takes the offered burst; returns its beats. */
  issue(cycle: number): number {
    const beats = this.nextBeats;
    this.index += beats;
    this.left -= beats;
    this.issued += beats;
    this.sizedFrom = cycle + 2;
    if (this.left === 0) {
      this.requestFrom = cycle + 1;
      this.onRequestReady(cycle + 1);
    }
    return beats;
  }

  /** The next beat comes in `cycle`. */
  beat(cycle: number): void {
    this.arrivals[this.arrived++ % KEPT] = cycle;
  }

  /** All beats of a burst are known. */
  beatsKnown(): void {
    const before = this.wordFrom;
    this.advance();
    if (this.wordFrom !== before) this.onWord(this.wordFrom);
    if (this.left > 0) this.onOffer(this.offer);
  }

  /** First cycle in which the next word is valid. */
  get word(): number {
    return this.wordFrom;
  }

  /** The word is taken in `cycle`. */
  take(cycle: number): void {
    this.wordTaken = cycle;
    this.wordFrom = UNKNOWN;
    if (this.wordsPerBeat > 1) this.takeLane(cycle);
    else if (this.beatsPerWord === 1) this.pop(cycle);
    this.advance();
    if (this.wordFrom !== UNKNOWN) this.onWord(this.wordFrom);
    if (this.left > 0) this.onOffer(this.offer);
  }

  /** A word of a wide beat: the last one that counts takes the beat out of the queue. */
  private takeLane(cycle: number): void {
    this.sent++;
    this.part++;
    const ends = this.sent === this.lengths[0];
    if (ends) {
      this.sent = 0;
      this.lengths.shift();
      this.lengthPops.push(cycle);
      this.onRequestReady(cycle + 1);
    }
    if (!ends && this.part < this.wordsPerBeat) return;
    this.part = 0;
    this.pop(cycle);
  }

  private pop(cycle: number): void {
    this.pops[this.popped++ % KEPT] = cycle;
    this.lastPop = cycle;
  }

  /** Goes on as far as the beats that are known allow. A beat shows two cycles after it came (fifo_block). */
  private advance(): void {
    if (this.beatsPerWord === 1) {
      if (this.wordFrom !== UNKNOWN || this.popped === this.arrived) return;
      const shows = Math.max(this.arrivals[this.popped % KEPT] + 2, this.lastPop + 1);
      this.wordFrom = Math.max(shows, this.wordTaken + 1);
      return;
    }
    while (this.popped < this.arrived) {
      const last = this.part === this.beatsPerWord - 1;
      // The word's register still holds the word before, or has held it in this cycle.
      if (last && this.wordFrom !== UNKNOWN) return;
      const shows = Math.max(this.arrivals[this.popped % KEPT] + 2, this.lastPop + 1);
      const cycle = last ? Math.max(shows, this.wordTaken + 1) : shows;
      this.pop(cycle);
      this.part = last ? 0 : this.part + 1;
      if (last) this.wordFrom = cycle + 1;
    }
  }
}
