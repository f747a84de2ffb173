import { describe, expect, it } from 'vitest';
import type { Geometry } from '../../gen/geometry/geometry.ts';
import { Prng } from '../../gen/import/prng.ts';
import { type Schedule, walkRuns } from '../../gen/schedule/nest.ts';
import { encodeCommand } from '../../gen/tape/encode.ts';
import { DESCRIPTOR, FLAG, readFields, writeFields } from '../../gen/tape/format.ts';
import { type BenchResult, runBench } from './harness/bench.ts';
import { fromBytes } from './harness/ports.ts';
import { unpackRun } from './run-fields.ts';
import { RunExpectation, type StageVariant } from './run-records.ts';
import { type SmallNetwork, smallGeometry, smallSchedule } from './small-schedule.ts';

/** The commands of a stage under a variant, in 16-byte words. */
function commandWords(
  schedule: Schedule,
  index: number,
  variant: StageVariant,
  geometry: Geometry,
): bigint[] {
  const bytes = encodeCommand(schedule.stages[index], schedule, geometry);
  const { flags } = readFields(bytes, 0, DESCRIPTOR);
  writeFields(bytes, 0, DESCRIPTOR, {
    flags: flags | (variant.keepSections ? FLAG.keepSections : 0),
    firstGroup: variant.firstGroup,
    firstX: variant.firstX,
    firstY: variant.firstY,
  });
  return Array.from({ length: bytes.length / 16 }, (_, w) => fromBytes(bytes.subarray(16 * w, 16 * w + 16)));
}

const plain: StageVariant = { keepSections: false, firstGroup: 0, firstX: 0, firstY: 0 };

interface Job {
  readonly schedule: Schedule;
  readonly variant?: (stage: number) => StageVariant;
}

/** Runs the jobs' commands through a command memory with random gaps and compares every run. */
async function check(geometry: Geometry, jobs: readonly Job[], stallPercent: number, seed: number) {
  const random = new Prng(seed);
  const commands: bigint[][] = [];
  const model = new RunExpectation(geometry, 24);
  const expected: Record<string, bigint>[] = [];
  for (const { schedule, variant = () => plain } of jobs) {
    for (const stage of schedule.stages) {
      commands.push(commandWords(schedule, stage.index, variant(stage.index), geometry));
      expected.push(...model.stage(stage, schedule, variant(stage.index)));
    }
  }

  let command = 0;
  let ready = false;
  let quiet = 0;
  const result: BenchResult = await runBench({
    module: 'run_generator',
    parameters: { OutLanes: geometry.outputLanes },
    sinks: [{ valid: 'run_valid_o', ready: 'run_ready_i', fields: ['run_o'], stallPercent }],
    react: {
      observe: ['read_index_o', 'release_o'],
      drive: ['command_valid_i', 'read_data_i'],
      step: (seen) => {
        if (seen.release_o === 1n) {
          if (!ready) throw new Error('released a command that was not valid');
          command++;
          ready = false;
        }
        if (command === commands.length && ++quiet > 40) return null;
        ready ||= command < commands.length && random.next() % 4 > 0;
        const word = commands[command]?.[Number(seen.read_index_o)];
        return {
          command_valid_i: Number(ready),
          read_data_i: word ?? BigInt(random.next()) * 0x1000000010000000100000001n,
        };
      },
    },
    cycles: 40 * expected.length + 200 * commands.length,
    seed,
  });
  expect(result.finished).toBe(true);
  const { items, cycles } = result.received[0];
  for (const [i, record] of expected.entries()) {
    expect(unpackRun(items[i].run_o, Object.keys(record)), `run ${i}`).toEqual(record);
  }
  expect(items.length).toBe(expected.length);
  return { expected, cycles };
}

const v10: SmallNetwork = { version: '1.0', side: 48, classes: 20 };
const v11: SmallNetwork = { version: '1.1', side: 63, classes: 35 };

describe('run_generator', () => {
  it.each([
    { lanes: [16, 1], network: v11, stall: 0 },
    { lanes: [16, 3], network: v10, stall: 40 },
    { lanes: [8, 3], network: v11, stall: 20 },
    { lanes: [8, 1], network: v10, stall: 0 },
    { lanes: [4, 3], network: v11, stall: 70 },
    { lanes: [2, 5], network: v11, stall: 0 },
    { lanes: [1, 3], network: v11, stall: 20 },
  ])(
    'gives the runs of two jobs in order: $lanes lanes, $network.version',
    async ({ lanes, network, stall }) => {
      const geometry = smallGeometry(lanes[0], lanes[1]);
      const job = { schedule: smallSchedule(network, geometry) };
      const orders = new Set(job.schedule.stages.map((stage) => stage.order));
      expect([...orders].sort()).toEqual(['block-major', 'pass-major']);
      await check(geometry, [job, job], stall, lanes[0] + stall);
    },
  );

  it.each([2, 5, 16])('squeezes a block behind %i passes of the next', async (squeezeDelay) => {
    const geometry = { ...smallGeometry(16, 1, 8), ringWords: 1 << 16 };
    const schedule = smallSchedule(v10, geometry);
    const stages = schedule.stages.map((stage) => ({
      ...stage,
      squeezeDelay: Math.min(squeezeDelay, stage.expandPasses.length),
    }));
    expect(stages.filter((stage) => stage.order === 'block-major').length).toBeGreaterThan(5);
    await check(geometry, [{ schedule: { ...schedule, stages } }], 30, squeezeDelay);
  });

  it('starts the packed buffer anew when another tape places it elsewhere', async () => {
    const geometry = smallGeometry(16, 3);
    const [a, b] = [v10, v11].map((network) => ({ schedule: smallSchedule(network, geometry) }));
    expect(a.schedule.packed.stride).not.toBe(b.schedule.packed.stride);
    await check(geometry, [a, b, a, a], 10, 4);
  });

  it('keeps sections and starts behind the first group when told', async () => {
    const geometry = smallGeometry(16, 3);
    const random = new Prng(9);
    const variants = Array.from({ length: 20 }, () => ({
      keepSections: random.next() % 2 === 1,
      firstGroup: random.next() % 1000,
      firstX: random.next() % 500,
      firstY: random.next() % 500,
    }));
    await check(geometry, [{ schedule: smallSchedule(v11, geometry), variant: (s) => variants[s] }], 10, 5);
  });

  it('makes a run in at most ten cycles', async () => {
    const geometry = smallGeometry(16, 1);
    const schedule = smallSchedule(v11, geometry);
    const { cycles } = await check(geometry, [{ schedule }], 0, 6);
    let index = 0;
    for (const stage of schedule.stages) {
      const runs = [...walkRuns(stage)].length;
      const squeezeOnly = stage.entries.filter((entry) => entry.groups === 0).length;
      const gaps = Array.from({ length: runs - 1 }, (_, i) => cycles[index + i + 1] - cycles[index + i]);
      expect(gaps.filter((gap) => gap > 10).length).toBeLessThanOrEqual(squeezeOnly + 1);
      index += runs;
    }
  });
});
