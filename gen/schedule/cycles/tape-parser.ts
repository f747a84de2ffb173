/** tape_parser with the memories it fills: the words of each job's tape, one by one, into commands and ring. */
import type { Geometry } from '../../geometry/geometry.ts';
import type { JobPlace } from '../../tape/memory-layout.ts';
import type { BurstReader } from './burst-reader.ts';
import { UNKNOWN, Unit } from './clock.ts';
import { Intervals } from './intervals.ts';
import type { Jobs } from './jobs.ts';
import { Queue } from './queue.ts';
import type { Packet, TapeShape } from './tape-shape.ts';

/** Commands committed at once. */
const COMMANDS = 4;

interface TapeJob {
  readonly tape: TapeShape;
  readonly place: Pick<JobPlace, 'tape'>;
}

interface Hooks {
  /** A command can be read from `cycle` on. */
  onCommand(cycle: number): void;
  /** So many weight words, counted from the start, can be read from `cycle` on. */
  onWeights(count: number, cycle: number): void;
  /** A job's context is offered from `cycle` on. */
  onContext(cycle: number): void;
}

export class TapeParser extends Unit {
  private readonly starts: Jobs;
  private readonly reader: BurstReader;
  private readonly jobs: readonly TapeJob[];
  private readonly hooks: Hooks;

  /** When it had no job. */
  readonly idle = new Intervals();
  private waiting = false;
  private job = 0;
  private state: 'idle' | 'header' | 'packet' | 'payload' | 'commit' | 'next' = 'idle';
  /** First cycle in which the state can do something. */
  private from = 0;
  private packet = 0;
  private left = 0;
  private contextTaken = 0;

  private readonly ringWords: number;
  private weights = 0;
  private readonly releases: { readonly upTo: number; readonly from: number }[] = [];
  private readonly commandWords: number;
  private commanded = 0;
  private readonly commandReleases: { readonly upTo: number; readonly from: number }[] = [];
  private readonly commands = new Queue(COMMANDS);
  private committed = 0;
  private released = 0;
  private readonly lengths: number[] = [];

  constructor(geometry: Geometry, starts: Jobs, reader: BurstReader, jobs: readonly TapeJob[], hooks: Hooks) {
    super();
    this.starts = starts;
    this.reader = reader;
    this.jobs = jobs;
    this.hooks = hooks;
    this.ringWords = geometry.ringWords;
    this.commandWords = geometry.commandWords;
    this.wake(0);
  }

  /** The ring's words below `upTo` are seen as released from `cycle` on. */
  releaseWeights(upTo: number, cycle: number): void {
    // The ring knows of a release one cycle late (weight_ring's used_q).
    this.releases.push({ upTo, from: cycle + 1 });
    this.wake(cycle);
  }

  /** The oldest command is released in `cycle`. */
  releaseCommand(cycle: number): void {
    const upTo = (this.commandReleases.at(-1)?.upTo ?? 0) + this.lengths[this.released++];
    this.commandReleases.push({ upTo, from: cycle + 1 });
    this.commands.pop(cycle);
    this.wake(cycle);
  }

  /** The context was taken in `cycle`. */
  takeContext(cycle: number): void {
    this.contextTaken = cycle;
    this.wake(cycle + 1);
  }

  /** Runs on as far as what is known allows; `cycle` only says that something new may be. */
  act(_cycle: number): void {
    while (this.step());
  }

  private step(): boolean {
    switch (this.state) {
      case 'idle':
        return this.takeJob();
      case 'header':
        return this.takeHeader();
      case 'packet':
        return this.takePacket();
      case 'payload':
        return this.takePayload();
      case 'commit':
        return this.commit();
      case 'next':
        return this.endPacket();
    }
  }

  private takeJob(): boolean {
    const valid = this.job < this.jobs.length ? this.starts.validFrom(this.job) : UNKNOWN;
    if (valid === UNKNOWN) {
      if (!this.waiting) this.idle.open(this.from);
      this.waiting = true;
      return false;
    }
    if (this.waiting) this.idle.close(valid);
    else this.idle.add(this.from, valid);
    this.waiting = false;
    const cycle = Math.max(this.from, valid);
    const request = Math.max(cycle + 1, this.reader.requestReady);
    if (request === UNKNOWN) return false;
    const { tape, place } = this.jobs[this.job];
    this.reader.request(request, place.tape, tape.headerWords);
    this.enter('header', request + 1);
    this.left = tape.headerWords;
    return true;
  }

  private takeHeader(): boolean {
    const cycle = this.takeWord(0);
    if (cycle === UNKNOWN) return false;
    if (--this.left > 0) return true;
    // Checked in the next cycle, then offered and asked on.
    this.contextTaken = UNKNOWN;
    this.hooks.onContext(cycle + 2);
    const request = Math.max(cycle + 2, this.reader.requestReady);
    const { tape, place } = this.jobs[this.job];
    this.reader.request(request, place.tape + tape.headerBytes, tape.bodyWords);
    this.packet = 0;
    this.enter('packet', request + 1);
    return true;
  }

  private takePacket(): boolean {
    const cycle = this.takeWord(0);
    if (cycle === UNKNOWN) return false;
    this.left = this.current.words;
    this.enter('payload', cycle + 2);
    return true;
  }

  private takePayload(): boolean {
    const { kind } = this.current;
    const space = kind === 'weights' ? this.ringSpace() : this.commandSpace();
    const cycle = this.takeWord(space);
    if (cycle === UNKNOWN) return false;
    if (kind === 'weights') this.hooks.onWeights(++this.weights, cycle + 1);
    else this.commanded++;
    if (--this.left === 0) this.enter(kind === 'weights' ? 'next' : 'commit', cycle + 2);
    return true;
  }

  private commit(): boolean {
    const cycle = Math.max(this.from, this.commands.takesFrom(this.committed));
    if (cycle === UNKNOWN) return false;
    this.committed++;
    this.lengths.push(this.current.words);
    this.hooks.onCommand(cycle + 1);
    if (this.current.kind === 'transfer') {
      this.enter('next', cycle + 1);
      return true;
    }
    this.packet++;
    this.enter('packet', cycle + 1);
    return true;
  }

  private endPacket(): boolean {
    if (this.packet + 1 < this.jobs[this.job].tape.packets.length) {
      this.packet++;
      this.enter('packet', this.from + 1);
      return true;
    }
    // The context keeps the header until all have taken it.
    const cycle = Math.max(this.from, this.contextTaken + 1);
    if (cycle === UNKNOWN) return false;
    this.job++;
    this.enter('idle', cycle + 1);
    return true;
  }

  private get current(): Packet {
    return this.jobs[this.job].tape.packets[this.packet];
  }

  private enter(state: TapeParser['state'], from: number): void {
    this.state = state;
    this.from = from;
  }

  /** Takes the next word, from `space` on; UNKNOWN if it cannot be said when. */
  private takeWord(space: number): number {
    const cycle = Math.max(this.from, this.reader.word, space);
    if (cycle === UNKNOWN) return UNKNOWN;
    this.reader.take(cycle);
    this.from = cycle + 1;
    return cycle;
  }

  private ringSpace(): number {
    return spaceFrom(this.releases, this.weights + 1 - this.ringWords);
  }

  private commandSpace(): number {
    return spaceFrom(this.commandReleases, this.commanded + 1 - this.commandWords);
  }
}

/** First cycle in which `upTo` words are known to be released; older releases are forgotten. */
function spaceFrom(releases: { readonly upTo: number; readonly from: number }[], upTo: number): number {
  if (upTo <= 0) return 0;
  while (releases.length > 1 && releases[0].upTo < upTo) releases.shift();
  const [first] = releases;
  return first !== undefined && first.upTo >= upTo ? first.from : UNKNOWN;
}
