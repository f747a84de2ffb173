/** The run generator of an extended engine: what waits for what, and the transfers that it hands on. */
import { expect, it } from 'vitest';
import { Prng } from '../../gen/import/prng.ts';
import type { Command, Schedule, Stage } from '../../gen/schedule/nest.ts';
import { encodeCommand, encodeTransfer } from '../../gen/tape/encode.ts';
import { runBench } from './harness/bench.ts';
import { fromBytes } from './harness/ports.ts';
import { unpackRun } from './run-fields.ts';
import { RunExpectation } from './run-records.ts';
import { smallGeometry, smallSchedule } from './small-schedule.ts';
import { withMapResult, withTransfers } from './transferred.ts';

/** A descriptor's bytes that a transfer has; the generator hands them on as one word. */
const TRANSFER_BYTES = 28;

/** More than the queues behind the generator hold. */
const QUEUED_RUNS = 16;

const geometry = { ...smallGeometry(16, 3), mapWords: 1 << 16, extended: 1 as const };

/** What must be said, in order: the records of runs, and transfers, each with what must be over before. */
interface Said {
  readonly run?: Record<string, bigint>;
  readonly transfer?: bigint;
  readonly runsBefore: number;
  readonly resultsBefore: number;
}

/** Commands as words, and what is to be said of them. */
function expected(schedules: readonly Schedule[]) {
  const model = new RunExpectation(geometry, 24);
  const commands: bigint[][] = [];
  const said: Said[] = [];
  let runs = 0;
  let results = 0;
  const words = (bytes: Uint8Array) =>
    Array.from({ length: bytes.length / 16 }, (_, w) => fromBytes(bytes.subarray(16 * w, 16 * w + 16)));
  const add = (command: Command, schedule: Schedule) => {
    if ('transfer' in command) {
      const bytes = encodeTransfer(command.transfer, geometry);
      commands.push(words(bytes));
      const transfer = fromBytes(bytes.subarray(0, TRANSFER_BYTES));
      said.push({ transfer, runsBefore: runs, resultsBefore: results });
      if (command.transfer.result) results++;
      return;
    }
    const { stage } = command;
    commands.push(words(encodeCommand(stage, schedule, geometry)));
    const variant = { keepSections: false, firstGroup: 0, firstX: 0, firstY: 0 };
    const runsBefore = stage.waits ? runs : 0;
    for (const run of model.stage(stage, schedule, variant)) {
      said.push({ run, runsBefore, resultsBefore: 0 });
      runs++;
    }
    if (stage.globalPool && stage.index === schedule.stages.length - 1) results++;
  };
  for (const schedule of schedules) for (const command of schedule.commands) add(command, schedule);
  return { commands, said };
}

/** Stages that wait may read any vectors of a map, or two maps; sums of a global pool may go on. */
function varied(schedule: Schedule, random: Prng): Schedule {
  const anew = schedule.stages.map((stage): Stage => {
    if (!stage.waits) return stage;
    const { region } = stage.source;
    const second = { ...region, base: random.next() % geometry.mapWords };
    return {
      ...stage,
      source: { kind: 'map', region, ...(random.next() % 2 && { second }) },
      expandPasses: stage.expandPasses.map((pass) => ({ ...pass, firstVector: random.next() % 64 })),
      ...(stage.globalPool && { sums: { continues: true, goesOn: random.next() % 2 === 0 } }),
    };
  });
  const commands = schedule.commands.map((command) =>
    'stage' in command ? { stage: anew[command.stage.index] } : command,
  );
  return { ...schedule, stages: anew, commands };
}

it.each([
  { speed: 3, seed: 1 },
  { speed: 30, seed: 2 },
  { speed: 100, seed: 3 },
])('begins nothing before what it needs is over: $speed % of cycles bring news', async ({ speed, seed }) => {
  const planned = smallSchedule({ version: '1.1', side: 48, classes: 20 }, geometry);
  const roomy = { ...planned, packed: { ...planned.packed, base: geometry.mapWords } };
  const logits = varied(withTransfers(roomy, new Prng(seed)), new Prng(seed + 4));
  const map = withTransfers(withMapResult(roomy), new Prng(seed + 7));
  const { commands, said } = expected([logits, map, logits]);
  const random = new Prng(seed);
  const hit = (percent: number) => random.next() % 100 < percent;

  let command = 0;
  let ready = false;
  let at = 0;
  let runsSaid = 0;
  let runsDone = 0;
  let resultsDone = 0;
  let due = 0;
  let transferring = false;
  let taken = true;
  let waited = 0;
  let quiet = 0;
  let news = { run: 0, result: 0, transfer: 0 };
  const result = await runBench({
    module: 'run_generator',
    parameters: { OutLanes: geometry.outputLanes, Extended: 1 },
    react: {
      observe: [
        ...['read_index_o', 'release_o', 'run_valid_o', 'run_o', 'transfer_valid_o', 'transfer_o', 'holds_o'],
      ],
      drive: [
        ...['command_valid_i', 'read_data_i', 'run_ready_i'],
        ...['run_done_i', 'result_done_i', 'transfer_done_i'],
      ],
      step: (seen, cycle) => {
        runsDone += news.run;
        resultsDone += news.result;
        const next = said[at];
        const over = next !== undefined && runsDone >= next.runsBefore && resultsDone >= next.resultsBefore;
        if (seen.run_valid_o === 1n || seen.transfer_valid_o === 1n) {
          expect(over, `cycle ${cycle}: what is before number ${at} is over`).toBe(true);
        } else if (!over) waited++;
        if (seen.transfer_valid_o === 1n) {
          expect(seen.transfer_o).toBe(next.transfer);
          expect(seen.holds_o).toBe(1n);
          transferring = true;
          if (news.transfer) {
            transferring = false;
            if ((seen.transfer_o & 2n) !== 0n) due++;
            at++;
          }
        }
        if (seen.run_valid_o === 1n && taken) {
          const { run } = next;
          expect(run, `cycle ${cycle}: number ${at} is a run`).toBeDefined();
          expect(unpackRun(seen.run_o, Object.keys(run!)), `number ${at}`).toEqual(run);
          at++;
          runsSaid++;
          const ends = run!.global === 1n && run!.last_block === 1n;
          if (ends && said[at]?.run?.global !== 1n) due++;
        }
        if (seen.release_o === 1n) {
          command++;
          ready = false;
        }
        if (command === commands.length && ++quiet > 40) return null;
        ready ||= command < commands.length && hit(60);
        const word = commands[command]?.[Number(seen.read_index_o)];
        taken = runsSaid - runsDone < QUEUED_RUNS && hit(50);
        // A job's result is over some time behind its last run.
        news = {
          run: Number(runsDone < runsSaid && hit(speed)),
          result: Number(resultsDone < due && runsDone === runsSaid && hit(speed)),
          transfer: Number(transferring && hit(speed)),
        };
        return {
          command_valid_i: Number(ready),
          read_data_i: word ?? BigInt(random.next()) * 0x1000000010000000100000001n,
          run_ready_i: Number(taken),
          run_done_i: news.run,
          result_done_i: news.result,
          transfer_done_i: news.transfer,
        };
      },
    },
    cycles: 200_000,
    seed,
  });
  expect(result.finished).toBe(true);
  expect(at).toBe(said.length);
  expect(waited).toBeGreaterThan(20);
});
