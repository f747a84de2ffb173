import { describe, expect, it } from 'vitest';
import {
  ERROR_CODES,
  IDENTITY,
  JOB_SLOTS,
  REGISTER_MAP_VERSION,
  REGISTERS,
  STALLS,
} from '../../gen/geometry/registers.ts';
import { Prng } from '../../gen/import/prng.ts';
import { AxilMaster, type Operation, type Script } from './harness/axil-master.ts';
import { runBench } from './harness/bench.ts';

const GEOMETRY = 0x1234abcd;
const WATCHDOG_BITS = 8;

function offset(name: string): number {
  const register = REGISTERS.find((candidate) => candidate.name === name);
  if (register === undefined) throw new Error(`no register ${name}`);
  return register.offset;
}

function mask(name: string, field: string): number {
  const { bit, width } = REGISTERS.find((candidate) => candidate.name === name)!.fields!.find(
    (candidate) => candidate.name === field,
  )!;
  return ((1 << width) - 1) << bit;
}

const errorCode = (name: string) => ERROR_CODES.find((error) => error.name === name)!.code;
const write = (name: string, data: number, strobe = 15): Operation => ({ write: offset(name), data, strobe });
const read = (name: string): Operation => ({ read: offset(name) });

function* expectRegister(name: string, value: number): Script {
  expect(`${name} ${yield read(name)}`).toBe(`${name} ${value}`);
}

function* expectStatus(fields: {
  busy?: boolean;
  error?: boolean;
  stopping?: boolean;
  hung?: boolean;
  room: number;
}): Script {
  const status = yield read('STATUS');
  const bit = (field: string) => (status & mask('STATUS', field)) !== 0;
  expect({
    busy: bit('BUSY'),
    error: bit('ERROR'),
    stopping: bit('STOPPING'),
    hung: bit('HUNG'),
    room: (status & mask('STATUS', 'ROOM')) >> 8,
  }).toEqual({ busy: false, error: false, stopping: false, hung: false, ...fields });
}

function* start(tape: number, image: number, result: number): Script {
  yield write('TAPE_ADDR_LO', tape);
  yield write('IMAGE_ADDR_LO', image);
  yield write('RESULT_ADDR_LO', result);
  yield write('START', 0);
}

/** The error is reported as such and by interrupt status, and is gone once acknowledged. */
function* expectError(name: string): Script {
  yield* expectRegister('ERROR_CODE', errorCode(name));
  yield write('IRQ_STATUS', mask('IRQ_STATUS', 'ERROR'));
  yield* expectRegister('ERROR_CODE', 0);
}

const IDLE = { read_idle_i: 1, write_idle_i: 1 };

/** What the module did besides answering the script. */
interface Seen {
  readonly jobs: Record<string, number>[];
  readonly stops: number[];
  readonly resets: number[];
  readonly interrupts: boolean[];
  /** Cycles in which a write acted. */
  readonly writes: number[];
  /** Cycles in which done_i is high, besides the script's pulses. */
  readonly done: Set<number>;
  cycle: number;
}

async function run(script: (seen: Seen) => Script, { slowPercent = 30, AddrBits = 32, seed = 1 } = {}) {
  const seen: Seen = {
    jobs: [],
    stops: [],
    resets: [],
    interrupts: [],
    writes: [],
    done: new Set(),
    cycle: 0,
  };
  const inputs = [
    ...[
      'job_ready_i',
      'done_i',
      'done_tape_id_i',
      'read_idle_i',
      'read_bytes_i',
      'write_idle_i',
      'write_bytes_i',
    ],
    ...['read', 'write', 'tape'].flatMap((side) => [`${side}_error_i`, `${side}_error_code_i`]),
    ...['stall_i', 'rst_i'],
  ];
  const jobFields = ['tape', 'image', 'result', 'number'];
  const master = new AxilMaster(script(seen), seed, slowPercent);
  let jobReady = false;
  let answered = false;
  const { finished } = await runBench({
    module: 'control_regs',
    parameters: { GeometryId: GEOMETRY, AddrBits, WatchdogBits: WATCHDOG_BITS },
    react: {
      observe: [
        ...AxilMaster.observe,
        ...['job_valid_o', ...jobFields.map((field) => `job_${field}_o`)],
        ...['stop_o', 'engine_reset_o', 'interrupt_o'],
      ],
      drive: [...AxilMaster.drive, ...inputs],
      step(ports, cycle) {
        seen.cycle = cycle;
        const answering = ports.axil_bvalid_o === 1n;
        if (answering && !answered) seen.writes.push(cycle - 1);
        answered = answering;
        if (jobReady && ports.job_valid_o === 1n) {
          seen.jobs.push(
            Object.fromEntries(jobFields.map((field) => [field, Number(ports[`job_${field}_o`])])),
          );
        }
        if (ports.stop_o === 1n) seen.stops.push(cycle);
        if (ports.engine_reset_o === 1n) seen.resets.push(cycle);
        seen.interrupts.push(ports.interrupt_o === 1n);
        const answer = master.step(ports);
        jobReady = answer !== null && answer.job_ready_i === 1;
        return answer && { done_i: 0, ...answer, ...(seen.done.has(cycle + 1) && { done_i: 1 }) };
      },
    },
    cycles: 20_000,
  });
  expect(finished).toBe(true);
  return seen;
}

it('identifies itself', async () => {
  await run(function* () {
    yield* expectRegister('IDENTITY', IDENTITY);
    yield* expectRegister('VERSION', REGISTER_MAP_VERSION);
    yield* expectRegister('GEOMETRY', GEOMETRY);
    yield* expectStatus({ room: JOB_SLOTS });
    expect(yield { read: 0xffc }).toBe(0);
  });
});

it.each([32, 40, 64])('keeps what is written, byte by byte (%i address bits)', async (AddrBits) => {
  const random = new Prng(AddrBits);
  const high = AddrBits === 32 ? 0 : 2 ** (AddrBits - 32) - 1;
  const names = ['TAPE', 'IMAGE', 'RESULT'].flatMap((what) => [`${what}_ADDR_LO`, `${what}_ADDR_HI`]);
  await run(
    function* () {
      const model = new Map(names.map((name) => [name, 0]));
      for (let i = 0; i < 100; i++) {
        const name = names[random.next() % names.length];
        const data = random.next();
        const strobe = random.next() % 16;
        yield write(name, data, strobe);
        let bits = 0;
        for (let byte = 0; byte < 4; byte++) if ((strobe >> byte) & 1) bits |= 0xff << (8 * byte);
        const value = ((model.get(name)! & ~bits) | (data & bits)) >>> 0;
        model.set(name, name.endsWith('HI') ? (value & high) >>> 0 : value);
        const other = names[random.next() % names.length];
        yield* expectRegister(other, model.get(other)!);
      }
      // Read-only registers and unused addresses take no notice.
      for (const { name, access } of REGISTERS) if (access === 'ro') yield write(name, 0xffffffff);
      yield { write: 0xffc, data: 1 };
      yield* expectRegister('IDENTITY', IDENTITY);
      yield* expectRegister('JOBS', 0);
      for (const name of names) yield* expectRegister(name, model.get(name)!);
    },
    { AddrBits, slowPercent: 40 },
  );
});

describe.each([0, 60])('jobs (channels slow in %i %% of cycles)', (slowPercent) => {
  it('queues three, refuses the fourth, and counts them done', async () => {
    const seen = await run(
      function* (state) {
        yield { set: IDLE };
        yield write('IRQ_ENABLE', mask('IRQ_ENABLE', 'DONE'));
        for (let i = 0; i < 3; i++) {
          yield* expectStatus({ busy: i > 0, room: 3 - i });
          yield* start(0x1000 + 64 * i, 0x2000 + 64 * i, 0x3000 + 64 * i);
        }
        yield* expectStatus({ busy: true, room: 0 });
        yield* expectRegister('JOBS', 3);
        yield* start(0x8000, 0x8000, 0x8000);
        yield* expectError('QUEUE_OVERFLOW');
        yield* expectRegister('JOBS', 3);
        expect(state.interrupts.includes(true)).toBe(false);

        yield { set: { job_ready_i: 1 } };
        yield { wait: 3 };
        // Taken from the queue, but not done: there is no more room.
        yield* expectStatus({ busy: true, room: 0 });
        for (let i = 0; i < 3; i++) {
          yield { pulse: { done_i: 1, done_tape_id_i: 0xabc0 + i } };
          yield { wait: 3 };
          expect(state.interrupts.at(-1)).toBe(true);
          yield* expectRegister('DONE_COUNT', i + 1);
          yield* expectRegister('TAPE_ID', 0xabc0 + i);
          yield* expectStatus({ busy: i < 2, room: i + 1 });
          yield write('IRQ_STATUS', mask('IRQ_STATUS', 'ERROR'));
          expect(state.interrupts.at(-1)).toBe(true);
          yield write('IRQ_STATUS', mask('IRQ_STATUS', 'DONE'));
          yield { wait: 2 };
          expect(state.interrupts.at(-1)).toBe(false);
        }
        yield* start(0x5000, 0x6000, 0x7000);
        yield { wait: 3 };
      },
      { slowPercent },
    );
    expect(seen.jobs).toEqual([
      { tape: 0x1000, image: 0x2000, result: 0x3000, number: 0 },
      { tape: 0x1040, image: 0x2040, result: 0x3040, number: 1 },
      { tape: 0x1080, image: 0x2080, result: 0x3080, number: 2 },
      { tape: 0x5000, image: 0x6000, result: 0x7000, number: 3 },
    ]);
    expect(seen.stops).toEqual([]);
  });

  it('does not lose a done that meets the acknowledgement of another', async () => {
    await run(
      function* (state) {
        for (let delay = 0; delay < 8; delay++) {
          const done = state.cycle + 1 + delay;
          state.done.add(done);
          yield write('IRQ_STATUS', mask('IRQ_STATUS', 'DONE'));
          yield { wait: 10 };
          const pending = ((yield read('IRQ_STATUS')) & mask('IRQ_STATUS', 'DONE')) !== 0;
          expect(pending).toBe(done >= state.writes[state.writes.length - 1]);
          yield write('IRQ_STATUS', mask('IRQ_STATUS', 'DONE'));
        }
        yield* expectRegister('DONE_COUNT', 8);
      },
      { slowPercent: 0 },
    );
  });

  it.each([
    [0x1020, 0x2000, 0x3000],
    [0x1000, 0x2001, 0x3000],
    [0x1000, 0x2000, 0x3010],
  ])('refuses unaligned addresses', async (tape, image, result) => {
    const { jobs, stops } = await run(
      function* () {
        yield { set: { ...IDLE, job_ready_i: 1 } };
        yield* start(tape, image, result);
        yield* expectStatus({ error: true, room: 3 });
        yield* expectError('UNALIGNED_ADDRESS');
        yield* expectStatus({ room: 3 });
      },
      { slowPercent },
    );
    expect(jobs).toEqual([]);
    expect(stops).toEqual([]);
  });
});

describe('coming to rest', () => {
  it.each<[string, Operation]>([
    ['ABORTED', write('CONTROL', mask('CONTROL', 'ABORT'))],
    ['READ_SLVERR', { pulse: { read_error_i: 1, read_error_code_i: errorCode('READ_SLVERR') } }],
    ['WRITE_DECERR', { pulse: { write_error_i: 1, write_error_code_i: errorCode('WRITE_DECERR') } }],
    ['WEIGHT_CRC', { pulse: { tape_error_i: 1, tape_error_code_i: errorCode('WEIGHT_CRC') } }],
  ])('%s: stops, waits for the port, resets, and starts again', async (name, cause) => {
    let idleAt = 0;
    const seen = await run(function* (state) {
      yield { set: { ...IDLE, job_ready_i: 0 } };
      yield write('IRQ_ENABLE', mask('IRQ_ENABLE', 'ERROR'));
      for (let i = 0; i < 3; i++) yield* start(0x1000, 0x2000, 0x3000);
      yield { set: { read_idle_i: 0, write_idle_i: 0 } };
      yield cause;
      yield { wait: 4 };
      expect(state.interrupts.at(-1)).toBe(true);
      yield* expectStatus({ busy: true, error: true, stopping: true, room: 0 });
      // Neither a second error nor a START while stopping changes the code.
      yield { pulse: { tape_error_i: 1, tape_error_code_i: errorCode('BAD_COMMAND') } };
      yield write('START', 0);
      yield { set: { read_idle_i: 1 } };
      yield { wait: 20 };
      expect(state.resets).toEqual([]);
      idleAt = state.cycle;
      yield { set: { write_idle_i: 1 } };
      yield { wait: 40 };
      yield* expectStatus({ error: true, room: 3 });
      yield* expectError(name);
      yield { set: { job_ready_i: 1 } };
      yield* start(0x4000, 0x5000, 0x6000);
      yield { wait: 3 };
      yield* expectStatus({ busy: true, room: 2 });
    });
    expect(Math.min(...seen.resets)).toBeGreaterThan(idleAt);
    expect(seen.resets.length).toBeGreaterThan(2);
    // Stop is one stretch, and covers the reset.
    const [first, last] = [seen.stops[0], seen.stops[seen.stops.length - 1]];
    expect(last - first + 1).toBe(seen.stops.length);
    expect(seen.resets.every((cycle) => cycle > first && cycle <= last)).toBe(true);
    // The jobs of before are forgotten, their numbers are not.
    expect(seen.jobs).toEqual([{ tape: 0x4000, image: 0x5000, result: 0x6000, number: 3 }]);
  });

  it('stops a job that stands still, and starts again', async () => {
    const seen = await run(function* (state) {
      yield { set: { ...IDLE, job_ready_i: 1, stall_i: 1 } };
      // Without a job nothing is expected to happen.
      yield { wait: 2 ** WATCHDOG_BITS + 20 };
      yield* start(0x1000, 0x2000, 0x3000);
      // Neither is it while the array issues, or bursts come to their ends.
      for (let i = 0; i < 3; i++) {
        yield { wait: 2 ** WATCHDOG_BITS - 20 };
        yield { set: { stall_i: 0 } };
        yield { set: { stall_i: 1 } };
        yield { wait: 2 ** WATCHDOG_BITS - 20 };
        yield { set: { read_idle_i: 0 } };
        yield { set: { read_idle_i: 1 } };
      }
      yield* expectStatus({ busy: true, room: 2 });
      expect(state.stops).toEqual([]);
      yield { wait: 2 ** WATCHDOG_BITS + 40 };
      yield* expectStatus({ error: true, room: 3 });
      yield* expectError('STALLED');
      yield* start(0x4000, 0x5000, 0x6000);
      yield { wait: 3 };
      yield* expectStatus({ busy: true, room: 2 });
    });
    expect(seen.resets.length).toBeGreaterThan(2);
    expect(seen.jobs.map(({ tape }) => tape)).toEqual([0x1000, 0x4000]);
  });

  it('gives up a port that does not answer, until it is reset', async () => {
    const seen = await run(function* (state) {
      yield { set: { ...IDLE, job_ready_i: 1 } };
      yield* start(0x1000, 0x2000, 0x3000);
      yield { set: { read_idle_i: 0 } };
      // Progress holds the watchdog off.
      for (let i = 0; i < 4; i++) {
        yield { wait: 2 ** WATCHDOG_BITS - 20 };
        yield { pulse: { read_bytes_i: 8 } };
      }
      expect(state.stops).toEqual([]);
      yield { pulse: { tape_error_i: 1, tape_error_code_i: errorCode('BAD_COMMAND') } };
      yield { wait: 2 ** WATCHDOG_BITS + 10 };
      yield* expectStatus({ busy: true, error: true, hung: true, room: 0 });
      yield* expectRegister('ERROR_CODE', errorCode('WATCHDOG'));
      yield { set: { read_idle_i: 1 } };
      yield { wait: 50 };
      yield* expectStatus({ busy: true, error: true, hung: true, room: 0 });
      expect(state.resets).toEqual([]);
      yield { pulse: { rst_i: 1 } };
      yield* expectStatus({ room: 3 });
      yield* start(0x1000, 0x2000, 0x3000);
      yield { wait: 3 };
    });
    expect(seen.jobs.length).toBe(2);
  });
});

it('counts cycles, stalls and bytes', async () => {
  await run(function* (state) {
    yield { set: { ...IDLE, stall_i: 1, job_ready_i: 1 } };
    yield* expectRegister('CYCLES_LO', 0);
    yield* start(0x1000, 0x2000, 0x3000);
    const started = state.cycle;
    yield { set: { stall_i: 0 } };
    const tile = yield read('STALL_TILE');
    expect(tile).toBeLessThan(20);
    for (const cause of STALLS.keys()) {
      for (let i = 0; i < cause + 3; i++) yield { pulse: { stall_i: 1 << cause } };
    }
    for (let i = 0; i < 5; i++) yield { pulse: { read_bytes_i: 64 } };
    for (let i = 0; i < 3; i++) yield { pulse: { write_bytes_i: 16 } };
    for (const [cause, { name }] of STALLS.entries())
      yield* expectRegister(`STALL_${name}`, cause + 3 + (cause === 0 ? tile : 0));
    yield* expectRegister('READ_BYTES', 320);
    yield* expectRegister('WRITE_BYTES', 48);
    yield { wait: 100 };
    const cycles = yield read('CYCLES_LO');
    expect(Math.abs(cycles - (state.cycle - started))).toBeLessThan(30);
    yield* expectRegister('CYCLES_HI', 0);
    yield write('CONTROL', mask('CONTROL', 'CLEAR_COUNTERS'));
    for (const name of ['CYCLES_LO', 'STALL_TILE', 'STALL_DRAIN', 'READ_BYTES', 'WRITE_BYTES']) {
      yield* expectRegister(name, 0);
    }
    yield* expectRegister('JOBS', 1);
    yield* start(0x1000, 0x2000, 0x3000);
    expect(yield read('CYCLES_LO')).toBeGreaterThan(0);
  });
});
