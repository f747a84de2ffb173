/** All units of the cycle count wired together, as rtl/engine.v wires the modules whose names they have. */
import { type Geometry, WORD } from '../../geometry/geometry.ts';
import { JOB_SLOTS } from '../../geometry/registers.ts';
import type { JobPlace } from '../../tape/memory-layout.ts';
import type { Schedule } from '../nest.ts';
import { BurstReader } from './burst-reader.ts';
import { Register, run as runUnits, UNKNOWN, Unit } from './clock.ts';
import { Drain } from './drain.ts';
import { type ImageShape, ImageUnit } from './image-unit.ts';
import { Jobs } from './jobs.ts';
import { MapReader } from './map-reader.ts';
import { type Marks, WRITTEN } from './marks.ts';
import type { Memory } from './memory.ts';
import { PostUnit } from './post-unit.ts';
import { Queue } from './queue.ts';
import { ReadPort } from './read-port.ts';
import { ResultPath } from './result-path.ts';
import { type QueuedRun, RunGenerator } from './run-generator.ts';
import { type StageCycles, StallBook } from './stalls.ts';
import { TapeParser } from './tape-parser.ts';
import type { TapeShape } from './tape-shape.ts';
import { timing as timingOf } from './timing.ts';
import { TransferUnit } from './transfer-unit.ts';
import { WeightLoader } from './weight-loader.ts';

/** Depths of the queues behind the run generator. */
const QUEUES = { loader: 4, reader: 4, drain: 8, post: 8 };
/** A run has left one of them → the next may be pushed: that all have room comes through a register. */
const POP_TO_RUN = 2;

/** One job: the network that its tape makes of the engine, and where tape, image and result lie. */
export interface EngineJob {
  readonly schedule: Schedule;
  readonly tape: TapeShape;
  readonly image: ImageShape;
  readonly classes: number;
  readonly place: JobPlace;
}

export interface EngineInputs {
  readonly geometry: Geometry;
  /** In the order of their STARTs. */
  readonly jobs: readonly EngineJob[];
  readonly memory: Memory;
}

export interface EngineCycles {
  /** The response that ends each job, counted from the first START. */
  readonly doneCycles: readonly number[];
  readonly stages: readonly StageCycles[];
}

/** Runs all jobs. */
export function runEngine(inputs: EngineInputs): EngineCycles {
  const { geometry, jobs, memory } = inputs;
  const timing = timingOf(geometry);
  const doneCycles: number[] = [];
  const starts = new Jobs();
  const result = new ResultPath(geometry, timing, memory);

  // The port and its readers.
  const port = new ReadPort(memory);
  const offered = (cycle: number) => port.offered(cycle);
  const imageReader = new BurstReader(
    geometry,
    offered,
    (cycle) => image.wake(cycle),
    (cycle) => context.wake(cycle),
  );
  const tapeReader = new BurstReader(geometry, offered, (cycle) => parser.wake(cycle));
  const mapReader = new BurstReader(geometry, offered, (cycle) => transfers.wake(cycle - 1));
  port.connect(imageReader, mapReader, tapeReader);

  const parser: TapeParser = new TapeParser(geometry, starts, tapeReader, jobs, {
    onCommand: (cycle) => generator.command(cycle),
    onWeights: (count, cycle) => loader.weights(count, cycle),
    onContext: (cycle) => context.offer(cycle),
  });

  // Runs and what they go through.
  const queues = {
    loader: new Queue(QUEUES.loader, POP_TO_RUN),
    reader: new Queue(QUEUES.reader, POP_TO_RUN),
    drain: new Queue(QUEUES.drain, POP_TO_RUN),
    post: new Queue(QUEUES.post, POP_TO_RUN),
  };
  const packed = new WatchedRegister((cycle) => reader.wake(cycle));
  const freed = new Register();
  const post = new PostUnit(geometry, queues.post);
  const drain = new Drain(timing, queues.drain, post, {
    onDrained: (cycle) => loader.wake(cycle),
    poolFrom: () => poolFree,
    onPoolEnd: (cycle, kept) => {
      const { free, done } = kept ? result.keep(cycle) : result.tile(cycle);
      poolFree = free;
      if (done !== undefined) finishJob(done);
    },
  });
  const finishJob = (done: number) => {
    doneCycles.push(done);
    starts.finished(done);
    parser.wake(done);
    context.wake(done + 1);
    generator.resultWritten(done);
  };
  const transfers: TransferUnit = new TransferUnit(result, mapReader, {
    onFinished: (cycle) => generator.transferred(cycle),
    onResult: finishJob,
  });
  let poolFree = 0;
  const loader: WeightLoader = new WeightLoader(geometry, timing, queues.loader, {
    onLoaded: (cycle) => reader.loaded(cycle),
    onRelease: (upTo, cycle) => parser.releaseWeights(upTo, cycle),
    drainedFrom: (n) => drain.drainedFrom(n),
  });
  const reader: MapReader = new MapReader(geometry, timing, queues.reader, drain, packed, {
    onSwap: (cycle) => loader.swapped(cycle),
    onSpent: (run, spent, from, to) => book.spent(run, spent, from, to),
    onFreed: (groups, cycle) => {
      freed.set(groups, cycle);
      image.wake(cycle);
    },
  });
  const sources = new Sources(post);
  const schedules = jobs.map(({ schedule }) => schedule);
  const generator: RunGenerator = new RunGenerator(
    schedules,
    geometry.outputLanes,
    Object.values(queues),
    post,
    {
      onRun: (run) => {
        const source = sources.of(run);
        loader.run(run);
        drain.run(run);
        post.run(run);
        reader.run({ ...run, source });
      },
      onRelease: (cycle) => parser.releaseCommand(cycle),
      onTransfer: (transfer, cycle) => transfers.offer(transfer, cycle),
    },
  );
  post.onFinished = (cycle) => generator.wake(cycle);
  for (const queue of Object.values(queues)) queue.onRoom = (cycle) => generator.wake(cycle);

  const image = new ImageUnit({
    geometry,
    words: {
      available: (cycle) => imageReader.word <= cycle,
      take: (cycle) => imageReader.take(cycle),
    },
    writeBusy: (cycle) => post.writesIn(cycle) || transfers.writesIn(cycle),
    freed,
    packed,
  });

  const book = new StallBook(schedules, {
    loaderStarved: loader.starved,
    drainWaits: drain.waits,
    imageLacksRows: image.lacksRows,
    generatorWaits: generator.waits,
    generatorHolds: generator.holds,
    parserIdle: parser.idle,
  });

  let taken = 0;
  // An image is not packed where maps of a job may be that is not done.
  const mayPackFrom = () => {
    if (taken === 0) return 0;
    const { schedule: before } = jobs[taken - 1];
    return jobs[taken].schedule.packed.base >= before.mapTop ? 0 : (doneCycles[taken - 1] ?? UNKNOWN) + 1;
  };
  const context = new Context(
    (cycle) => {
      const slot = taken < JOB_SLOTS ? 0 : (doneCycles[taken - JOB_SLOTS] ?? UNKNOWN) + 1;
      const from = Math.max(imageReader.requestReady, slot, mayPackFrom());
      return from > cycle || image.configReady(cycle) ? from : cycle + 1;
    },
    (cycle) => {
      const { image: shape, place, classes } = jobs[taken];
      imageReader.request(cycle, place.image, Math.ceil((shape.width * shape.height * 3) / WORD));
      image.start(cycle, shape);
      result.begin(cycle, place.result, classes);
      parser.takeContext(cycle);
      transfers.wake(cycle + 1);
      taken++;
    },
  );

  const units = [port, parser, generator, transfers, loader, reader, image, context];
  const idle = () => reader.idle && generator.idle;
  runUnits(units, () => doneCycles.length === jobs.length && idle());
  book.end(doneCycles[doneCycles.length - 1]);
  return { doneCycles, stages: book.stages };
}

/** A register whose reader sleeps. */
class WatchedRegister extends Register {
  private readonly onSet: (cycle: number) => void;

  constructor(onSet: (cycle: number) => void) {
    super();
    this.onSet = onSet;
  }

  override set(value: number, cycle: number): void {
    super.set(value, cycle);
    this.onSet(cycle);
  }
}

/** Marks of what a run reads: the block buffer of its stage, or the map that the stage before left. */
class Sources {
  private readonly post: PostUnit;
  private source: Marks | undefined;
  private block: Marks | undefined;
  private out: Marks | undefined;

  constructor(post: PostUnit) {
    this.post = post;
  }

  of(run: QueuedRun): Marks | undefined {
    if (run.first) {
      const left = run.stage.waits ? WRITTEN : (this.out ?? this.block);
      this.source = run.stage.source.kind === 'image' ? undefined : left;
      ({ block: this.block, out: this.out } = this.post.beginStage(run.stage));
    }
    return run.pass.kind === 'expand' ? this.source : this.block;
  }
}

/** A job's context on its way from the parser to the image's and the result's units, all in one cycle. */
class Context extends Unit {
  private readonly readyFrom: (cycle: number) => number;
  private readonly onTaken: (cycle: number) => void;
  private offered = false;
  private from = 0;

  constructor(readyFrom: (cycle: number) => number, onTaken: (cycle: number) => void) {
    super();
    this.readyFrom = readyFrom;
    this.onTaken = onTaken;
  }

  offer(cycle: number): void {
    this.offered = true;
    this.from = cycle;
    this.wake(cycle);
  }

  act(cycle: number): void {
    if (!this.offered) return;
    const ready = Math.max(this.from, this.readyFrom(cycle));
    if (ready > cycle) {
      this.wake(ready);
      return;
    }
    this.offered = false;
    this.onTaken(cycle);
  }
}
