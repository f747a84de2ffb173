import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { ERROR_CODES } from '../../gen/geometry/registers.ts';
import { Prng } from '../../gen/import/prng.ts';
import * as format from '../../gen/tape/format.ts';
import { type BenchResult, runBench } from './harness/bench.ts';
import { BitFields } from './harness/bit-fields.ts';
import { fromBytes } from './harness/ports.ts';

const random = new Prng(13);
const below = (limit: number) => Math.floor(random.uniform() * limit);
const noise = (words: number) => Uint8Array.from({ length: 16 * words }, () => below(256));
const GEOMETRY = 0xc0ffee42;
const COMMAND_WORDS = 64;
/** Output lanes. */
const LANES = 16;
const PARAMETERS = { CommandWords: COMMAND_WORDS, OutLanes: LANES, GeometryId: `32\\'d${GEOMETRY}` };

interface Packet {
  readonly type: number;
  readonly payload: Uint8Array;
}

interface Tape {
  readonly header: Uint8Array;
  readonly fields: format.Fields<typeof format.HEADER>;
  readonly packets: readonly Packet[];
  readonly bytes: Uint8Array;
}

/** A packet's bytes, with the CRCs made right after `spoil` changed the header's fields. */
function encodePacket({ type, payload }: Packet, spoil: Partial<format.Fields<typeof format.PACKET>> = {}) {
  const bytes = new Uint8Array(16 + payload.length);
  bytes.set(payload, 16);
  const words = payload.length / 16;
  format.writeFields(bytes, 0, format.PACKET, {
    ...{ type, wordsLow: words & 0xffff, wordsHigh: words >>> 16, payloadCrc: crc32(payload) },
    ...spoil,
  });
  format.writeFields(bytes, 0, format.PACKET, { crc: crc32(bytes.subarray(0, 12)) });
  return bytes;
}

type Header = Partial<format.Fields<typeof format.HEADER>>;

/** Header fields that agree with one another. */
function makeShape(): Header {
  const [kernel, vectors] = [...[1, 3, 5, 7].entries()].map(([i, k]) => [k, [1, 2, 5, 10][i]])[below(4)];
  const [imageWidth, imageHeight] = [1 + below(512), 1 + below(512)];
  return {
    ...{ imageWidth, imageHeight, imageBytes: 3 * imageWidth * imageHeight, classes: 1 + below(300) },
    ...{ kernel, vectors, stride: 1 + below(2), padTop: below(kernel), padLeft: below(kernel) },
    ...{ outWidth: below(600), outHeight: below(600), packBase: below(2 ** 16), packGroups: below(2 ** 16) },
  };
}

/** A stage's packets: random but for what the parser looks at. */
function makeStage(index: number, stages: number, shape: Header): Packet[] {
  const [isFirst, isLast] = [index === 0, index === stages - 1];
  const entries = 1 + below(12);
  const expandPasses = isLast ? Math.ceil(shape.classes! / LANES) : 1 + below(12);
  const squeezePasses = below(8);
  const sectionWords = 1 + below(40);
  const payload = noise(4 + Math.ceil(entries / 4) + Math.ceil((expandPasses + squeezePasses) / 4));
  const { flags } = format.readFields(payload, 0, format.DESCRIPTOR);
  const { packedSource, globalPool, last, keepSections } = format.FLAG;
  const free = flags & ~(packedSource | globalPool | last | (isLast ? keepSections : 0));
  format.writeFields(payload, 0, format.DESCRIPTOR, {
    ...{ flags: free | (isFirst ? packedSource : 0) | (isLast ? globalPool | last : 0) },
    ...{ entries, expandPasses, squeezePasses, sectionWords },
    ...(isFirst && { sourceBase: shape.packBase, sourceStride: shape.packGroups }),
    ...(isFirst && { width: shape.outWidth, height: shape.outHeight }),
  });
  return [
    { type: format.PACKET_COMMAND, payload },
    { type: format.PACKET_WEIGHTS, payload: noise(sectionWords) },
  ];
}

/** A tape that is random but for what the parser looks at. */
function makeTape(
  stages: number,
  spoil: Header = {},
  encode = (packet: Packet, _index: number) => encodePacket(packet),
): Tape {
  const shape = makeShape();
  const packets = Array.from({ length: stages }, (_, i) => makeStage(i, stages, shape)).flat();
  const body = Buffer.concat(packets.map(encode));
  const header = noise(4);
  format.writeFields(header, 0, format.HEADER, {
    magic: format.TAPE_MAGIC,
    version: format.TAPE_VERSION,
    geometry: GEOMETRY,
    words: 4 + body.length / 16,
    ...shape,
    ...spoil,
  });
  format.writeFields(header, 0, format.HEADER, { crc: crc32(header.subarray(0, 60)) });
  const fields = format.readFields(header, 0, format.HEADER);
  return { header, fields, packets, bytes: Buffer.concat([header, body]) };
}

/** The words of bytes, as items of a port. */
function words<N extends string>(bytes: Uint8Array, port: N): Record<N, bigint>[] {
  return Array.from(
    { length: bytes.length / 16 },
    (_, i) => ({ [port]: fromBytes(bytes.subarray(16 * i, 16 * i + 16)) }) as Record<N, bigint>,
  );
}

const CONTEXT = ['image', 'result', 'number', 'image_words', 'header'].map((name) => `context_${name}_o`);

const makeJobs = (tapes: readonly Tape[]) =>
  tapes.map(() => ({
    job_tape_i: below(2 ** 20) * 64,
    job_image_i: below(2 ** 20) * 64,
    job_result_i: below(2 ** 20) * 64,
    job_number_i: random.next(),
  }));

interface Rates {
  readonly gapPercent: number;
  readonly stallPercent: number;
}

const BITS = { u8: 8, u16: 16, i16: 16, u32: 32 };

it("has the header's fields where the format has them", () => {
  const { places } = new BitFields('tape/tape_header.vh', 'TAPE');
  const layout = new Map<string, readonly [number, keyof typeof BITS]>(Object.entries(format.HEADER));
  for (const [name, place] of places) {
    if (name === 'header' || name === 'packing') continue;
    const field = name === 'id' ? 'tapeId' : name.replace(/_(\w)/g, (_, letter) => letter.toUpperCase());
    const [byte, type] = layout.get(name === 'pad_value' ? 'padRed' : field)!;
    expect(place, name).toEqual({ low: 8 * byte, width: name === 'pad_value' ? 24 : BITS[type] });
  }
});

/** Sinks 0 … 4: requests, contexts, command words, commitments, weights. */
async function parse(
  tapes: readonly Tape[],
  rates: Rates,
  expectations: readonly number[] = [],
  extended = false,
) {
  const jobs = makeJobs(tapes);
  const { stallPercent, gapPercent } = rates;
  const sinks = [
    {
      ...{ valid: 'request_valid_o', ready: 'request_ready_i' },
      fields: ['request_addr_o', 'request_words_o'],
    },
    { valid: 'context_valid_o', ready: 'context_ready_i', fields: CONTEXT },
    { valid: 'command_valid_o', ready: 'command_ready_i', fields: ['command_data_o'] },
    { valid: 'commit_valid_o', ready: 'commit_ready_i', fields: [] },
    { valid: 'weight_valid_o', ready: 'weight_ready_i', fields: ['weight_data_o'] },
  ];
  const result = await runBench({
    module: 'tape_parser',
    parameters: { ...PARAMETERS, ...(extended && { Extended: 1 }) },
    sources: [
      { valid: 'job_valid_i', ready: 'job_ready_o', items: jobs, gapPercent },
      {
        ...{ valid: 'word_valid_i', ready: 'word_ready_o', gapPercent },
        items: tapes.flatMap(({ bytes }) => words(bytes, 'word_data_i')),
      },
    ],
    sinks: sinks.map((sink, i) => ({
      ...sink,
      stallPercent,
      ...(expectations.length > 0 && { expect: expectations[i] }),
    })),
    probes: ['error_o', 'error_code_o', 'job_ready_o'],
    cycles: expectations.length > 0 ? 50_000 : 2_000,
    seed: below(1000),
  });
  return { result, jobs };
}

const ofType = (tapes: readonly Tape[], type: number) =>
  tapes.flatMap(({ packets }) => packets.filter((packet) => packet.type === type));

function errors({ probes, cycles }: BenchResult): string[] {
  const codes = Array.from({ length: cycles }, (_, i) => probes.error_o[i] && probes.error_code_o[i]);
  return codes
    .filter((code) => code !== 0n)
    .map((code) => ERROR_CODES.find((known) => BigInt(known.code) === code)?.name ?? `code ${code}`);
}

describe('tape_parser', () => {
  it.each([
    { gapPercent: 0, stallPercent: 0 },
    { gapPercent: 50, stallPercent: 10 },
    { gapPercent: 10, stallPercent: 60 },
  ])('takes tapes apart, one behind the other (%o)', async (rates) => {
    const tapes = [1, 10, 3, 1, 2].map((stages) => makeTape(stages));
    const commands = ofType(tapes, format.PACKET_COMMAND);
    const weights = ofType(tapes, format.PACKET_WEIGHTS);
    const payload = (packets: readonly Packet[]) => Buffer.concat(packets.map((packet) => packet.payload));
    const commandWords = words(payload(commands), 'command_data_o');
    const weightWords = words(payload(weights), 'weight_data_o');
    const counts = [2 * tapes.length, tapes.length, commandWords.length, commands.length, weightWords.length];
    const { result, jobs } = await parse(tapes, rates, counts);
    const [requests, contexts, commandItems, commits, weightItems] = result.received;

    expect(errors(result)).toEqual([]);
    expect(result.finished).toBe(true);
    expect(requests.items).toEqual(
      tapes.flatMap(({ fields }, i) => [
        { request_addr_o: BigInt(jobs[i].job_tape_i), request_words_o: 4n },
        { request_addr_o: BigInt(jobs[i].job_tape_i + 64), request_words_o: BigInt(fields.words - 4) },
      ]),
    );
    expect(contexts.items).toEqual(
      tapes.map(({ fields, header }, i) => ({
        context_image_o: BigInt(jobs[i].job_image_i),
        context_result_o: BigInt(jobs[i].job_result_i),
        context_number_o: BigInt(jobs[i].job_number_i),
        context_image_words_o: BigInt(Math.ceil(fields.imageBytes / 16)),
        context_header_o: fromBytes(header),
      })),
    );
    expect(commandItems.items).toEqual(commandWords);
    expect(weightItems.items).toEqual(weightWords);
    // A command is committed after its last word and before the next one's first.
    let last = -1;
    commands.forEach((command, i) => {
      last += command.payload.length / 16;
      expect(commits.cycles[i]).toBeGreaterThan(commandItems.cycles[last]);
      expect(commits.cycles[i]).toBeLessThan(commandItems.cycles[last + 1] ?? Number.POSITIVE_INFINITY);
    });
    expect(result.probes.job_ready_o.at(-1)).toBe(1n);
  });

  it('takes a word every cycle, and three more cycles a packet', async () => {
    const tape = makeTape(5);
    const { result } = await parse([tape], { gapPercent: 0, stallPercent: 0 });
    const at = result.sent[1];
    expect(at.length).toBe(tape.bytes.length / 16);
    let word = 4;
    for (const { payload } of tape.packets) {
      const steps = Array.from({ length: payload.length / 16 }, (_, i) => at[word + 1 + i] - at[word]);
      expect(steps).toEqual(steps.map((_, i) => i + 2));
      const next = at[word + payload.length / 16 + 1];
      if (next !== undefined) expect(next - at[word + payload.length / 16]).toBe(3);
      word += 1 + payload.length / 16;
    }
  });
});

it('keeps the context until it is taken, and the next job waiting', async () => {
  const tapes = [makeTape(1), makeTape(1)];
  const takenAt = 300;
  const drive = Array.from({ length: takenAt + 1 }, (_, cycle) => ({
    context_ready_i: cycle === takenAt ? 1 : 0,
  }));
  const { probes, sent } = await runBench({
    module: 'tape_parser',
    parameters: PARAMETERS,
    sources: [
      { valid: 'job_valid_i', ready: 'job_ready_o', items: makeJobs(tapes) },
      {
        ...{ valid: 'word_valid_i', ready: 'word_ready_o' },
        items: tapes.flatMap(({ bytes }) => words(bytes, 'word_data_i')),
      },
    ],
    constants: { request_ready_i: 1, command_ready_i: 1, commit_ready_i: 1, weight_ready_i: 1 },
    probes: ['context_valid_o', 'context_header_o'],
    drive,
    cycles: 600,
  });
  const first = probes.context_valid_o.indexOf(1n);
  for (let cycle = first; cycle <= takenAt; cycle++) {
    expect(probes.context_valid_o[cycle]).toBe(1n);
    expect(probes.context_header_o[cycle]).toBe(fromBytes(tapes[0].header));
  }
  expect(sent[0][1]).toBeGreaterThan(takenAt);
  expect(probes.context_header_o.at(-1)).toBe(fromBytes(tapes[1].header));
});

/** Changes one byte of the tape without mending any CRC. */
function flip(tape: Tape, at: number): Tape {
  const bytes = Uint8Array.from(tape.bytes);
  bytes[at] ^= 1 << below(8);
  return { ...tape, bytes };
}

const firstWeights = (tape: Tape) => 64 + 16 + tape.packets[0].payload.length;
const spoiled = (index: number, fields: Partial<format.Fields<typeof format.PACKET>>) =>
  makeTape(3, {}, (packet, i) => encodePacket(packet, i === index ? fields : {}));

describe.each<[string, string, () => Tape]>([
  ['a flipped magic', 'TAPE_MAGIC', () => flip(makeTape(2), below(4))],
  ['a flipped header bit', 'TAPE_CRC', () => flip(makeTape(2), 4 + below(60))],
  ['another version', 'TAPE_VERSION', () => makeTape(2, { version: 2 })],
  ['another geometry', 'TAPE_GEOMETRY', () => makeTape(2, { geometry: GEOMETRY + 0x10000 })],
  ['a tape of its header alone', 'BAD_COMMAND', () => makeTape(2, { words: 4 })],
  ['a tape longer than any', 'BAD_COMMAND', () => makeTape(2, { words: 2 ** 24 })],
  ['a flipped packet header bit', 'PACKET_CRC', () => flip(makeTape(2), 64 + below(16))],
  ['a flipped command bit', 'PACKET_CRC', () => flip(makeTape(2), 80 + below(16))],
  [
    'a flipped weight bit',
    'WEIGHT_CRC',
    () => {
      const tape = makeTape(2);
      return flip(tape, firstWeights(tape) + 16 + below(tape.packets[1].payload.length));
    },
  ],
  ['weights first', 'BAD_COMMAND', () => spoiled(0, { type: format.PACKET_WEIGHTS })],
  ['a second command', 'BAD_COMMAND', () => spoiled(1, { type: format.PACKET_COMMAND })],
  ['an unknown packet', 'BAD_COMMAND', () => spoiled(2, { type: 3 })],
  ['an empty packet', 'BAD_COMMAND', () => spoiled(1, { wordsLow: 0 })],
  ['a packet longer than the tape', 'BAD_COMMAND', () => spoiled(5, { wordsHigh: 1 })],
  ['a command longer than its memory', 'BAD_COMMAND', () => spoiled(0, { wordsLow: COMMAND_WORDS + 1 })],
  ['a tape that ends before its last stage', 'BAD_COMMAND', () => cutTape(makeTape(3), 4)],
  [
    'a tape that ends with a command',
    'BAD_COMMAND',
    () => {
      const tape = makeTape(1);
      return cutTape(tape, 1);
    },
  ],
])('tape_parser on %s', (_, name, tape) => {
  it(`stops with ${name}`, async () => {
    const bad = tape();
    const { result } = await parse([bad, makeTape(1)], { gapPercent: 20, stallPercent: 20 });
    expect(errors(result)).toEqual([name]);
    expect(result.sent[0].length).toBe(1);
    expect(result.received[1].items.length).toBe(
      name.startsWith('TAPE') ? 0 : result.received[0].items.length - 1,
    );
    expect(result.probes.job_ready_o.at(-1)).toBe(0n);
  });
});

/** The tape's header before other packets. */
function withPackets(tape: Tape, packets: readonly Packet[]): Tape {
  const body = Buffer.concat(packets.map((packet) => encodePacket(packet)));
  const header = Uint8Array.from(tape.header);
  format.writeFields(header, 0, format.HEADER, { words: 4 + body.length / 16 });
  format.writeFields(header, 0, format.HEADER, { crc: crc32(header.subarray(0, 60)) });
  const fields = format.readFields(header, 0, format.HEADER);
  return { header, fields, packets, bytes: Buffer.concat([header, body]) };
}

const cutTape = (tape: Tape, count: number) => withPackets(tape, tape.packets.slice(0, count));

describe('tape_parser of an extended engine', () => {
  /** A stage between the first and the last one. */
  const stage = () => makeStage(1, 3, makeShape());
  const transfer = (spoil: Partial<format.Fields<typeof format.TRANSFER>> = {}): Packet => {
    const payload = noise(4);
    format.writeFields(payload, 0, format.TRANSFER, {
      ...{ flags: format.FLAG.transfer | below(2), vectors: 1 + below(255), offset: 64 * below(2 ** 26) },
      ...{ rows: 1 + below(2 ** 32 - 1), rowPixels: 1 + below(2 ** 32 - 1), words: 1 + below(2 ** 24 - 1) },
      ...spoil,
    });
    return { type: format.PACKET_TRANSFER, payload };
  };
  /** The end of a job. */
  const result = () =>
    transfer({ flags: format.FLAG.transfer | format.TRANSFER_STORE | format.TRANSFER_RESULT });
  const randomPackets = () => [
    ...Array.from({ length: below(8) }, () => (below(2) ? [transfer()] : stage())).flat(),
    result(),
  ];

  it.each([
    { gapPercent: 0, stallPercent: 0 },
    { gapPercent: 30, stallPercent: 40 },
  ])('commits transfers as commands, without weights (%o)', async (rates) => {
    const lists = [[result()], randomPackets(), [...stage(), result()], randomPackets()];
    const tapes = lists.map((packets) => withPackets(makeTape(1), packets));
    const committed = tapes.flatMap(({ packets }) =>
      packets.filter(({ type }) => type !== format.PACKET_WEIGHTS),
    );
    const payload = (packets: readonly Packet[]) => Buffer.concat(packets.map((packet) => packet.payload));
    const commandWords = words(payload(committed), 'command_data_o');
    const weightWords = words(payload(ofType(tapes, format.PACKET_WEIGHTS)), 'weight_data_o');
    const counts = [
      ...[2 * tapes.length, tapes.length, commandWords.length],
      ...[committed.length, weightWords.length],
    ];
    const { result: found } = await parse(tapes, rates, counts, true);
    expect(errors(found)).toEqual([]);
    expect(found.finished).toBe(true);
    expect(found.received[2].items).toEqual(commandWords);
    expect(found.received[4].items).toEqual(weightWords);
    let last = -1;
    committed.forEach(({ payload: { length } }, i) => {
      last += length / 16;
      expect(found.received[3].cycles[i]).toBeGreaterThan(found.received[2].cycles[last]);
    });
    expect(found.probes.job_ready_o.at(-1)).toBe(1n);
  });

  it.each<[string, () => Packet[]]>([
    ['where weights are due', () => [stage()[0], result()]],
    ['and weights behind it', () => [transfer(), stage()[1], result()]],
    ['as the end of a job whose result it does not store', () => [transfer()]],
    ['behind the end of its job', () => [result(), transfer(), result()]],
    ['that is a command', () => [transfer({ flags: 0 }), result()]],
    ['without vectors', () => [transfer({ vectors: 0 }), result()]],
    ['without rows', () => [transfer({ rows: 0 }), result()]],
    ['without pixels', () => [transfer({ rowPixels: 0 }), result()]],
    ['without words', () => [transfer({ words: 0 }), result()]],
    ['of more words than can be counted', () => [transfer({ words: 2 ** 24 }), result()]],
    ['from an odd address', () => [transfer({ offset: 32 }), result()]],
  ])('refuses a transfer %s', async (_, packets) => {
    const tape = withPackets(makeTape(1), packets());
    const { result: found } = await parse([tape], { gapPercent: 0, stallPercent: 0 }, [], true);
    expect(errors(found)).toEqual(['BAD_COMMAND']);
  });
});

it('does not commit a command whose CRC is wrong', async () => {
  const { result } = await parse([flip(makeTape(2), 80)], { gapPercent: 0, stallPercent: 0 });
  expect(result.received[2].items.length).toBeGreaterThan(0);
  expect(result.received[3].items).toEqual([]);
});
