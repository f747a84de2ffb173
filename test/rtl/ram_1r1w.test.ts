import { expect, it } from 'vitest';
import { Prng } from '../../gen/import/prng.ts';
import { runBench } from './harness/bench.ts';

it.each([
  { Width: 8, Depth: 1, WriteLanes: 1, InputRegister: 0 },
  { Width: 128, Depth: 33, WriteLanes: 16, InputRegister: 0 },
  { Width: 128, Depth: 64, WriteLanes: 1, InputRegister: 1 },
  { Width: 128, Depth: 64, WriteLanes: 2, InputRegister: 1 },
  { Width: 128, Depth: 40, WriteLanes: 16, InputRegister: 1 },
  { Width: 20, Depth: 7, WriteLanes: 4, InputRegister: 1 },
  { Width: 48, Depth: 9, WriteLanes: 1, InputRegister: 0, OutputRegister: 1 },
  { Width: 128, Depth: 40, WriteLanes: 2, InputRegister: 1, OutputRegister: 1 },
])('reads what was written: %o', async (parameters) => {
  const { Width, Depth, WriteLanes, InputRegister, OutputRegister = 0 } = parameters;
  const registers = InputRegister + OutputRegister;
  const random = new Prng(Width + Depth);
  const laneBits = Width / WriteLanes;
  const memory: (bigint | undefined)[][] = Array.from({ length: Depth }, () => new Array(WriteLanes));
  const drive: Record<string, bigint>[] = [];
  // By cycle, the lanes that the memory's own register holds; undefined where that is not known.
  const held: (bigint | undefined)[][] = [new Array(WriteLanes)];
  for (let cycle = 0; cycle < 3000; cycle++) {
    let data = 0n;
    for (let bit = 0; bit < Width; bit += 32) data = (data << 32n) | BigInt(random.next());
    data = BigInt.asUintN(Width, data);
    const lanes = random.next() % 3 === 0 ? 0 : random.next() % 2 ** WriteLanes;
    const [writeAt, readAt] = [random.next() % Depth, random.next() % Depth];
    const read = random.next() % 4 !== 0;
    drive.push({
      write_i: BigInt(lanes),
      write_addr_i: BigInt(writeAt),
      write_data_i: data,
      read_i: BigInt(read),
      read_addr_i: BigInt(readAt),
    });
    const written = (lane: number) => ((lanes >> lane) & 1) === 1;
    held.push(
      read
        ? memory[readAt].map((value, lane) => (readAt === writeAt && written(lane) ? undefined : value))
        : held[cycle],
    );
    for (let lane = 0; lane < WriteLanes; lane++) {
      if (written(lane)) memory[writeAt][lane] = BigInt.asUintN(laneBits, data >> BigInt(lane * laneBits));
    }
  }
  const { probes } = await runBench({
    module: 'ram_1r1w',
    parameters,
    drive,
    probes: ['read_data_o'],
    cycles: drive.length,
  });
  let compared = 0;
  for (let cycle = registers; cycle < drive.length; cycle++) {
    held[cycle - registers].forEach((value, lane) => {
      if (value === undefined) return;
      compared++;
      expect(BigInt.asUintN(laneBits, probes.read_data_o[cycle] >> BigInt(lane * laneBits))).toBe(value);
    });
  }
  expect(compared).toBeGreaterThan(1000);
});
