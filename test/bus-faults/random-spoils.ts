/** Tapes with one field of any kind changed to any value, extremes above all, and CRCs that are right. */
import type { Prng } from '../../gen/import/prng.ts';
import * as format from '../../gen/tape/format.ts';
import { type Spoil, spoilTape, tapeStages } from './spoil.ts';

const BITS = { u8: 8, u16: 16, i16: 16, u32: 32 } as const;
/** What no tape is without. */
const NEEDED = ['crc', 'tapeId'];

/** `count` of them, none like the tape itself. */
export function randomSpoils(tape: Uint8Array, count: number, random: Prng): Uint8Array[] {
  const stages = tapeStages(tape);
  const below = (limit: number) => random.next() % limit;
  const value = (type: keyof typeof BITS) => {
    const bits = BITS[type];
    const limit = 2 ** bits;
    const power = 2 ** below(bits + 1);
    const drawn = [below(limit), below(70), power - 1, power, limit - 1 - below(4)][below(5)] % limit;
    return type === 'i16' && drawn >= limit / 2 ? drawn - limit : drawn;
  };
  const field = (layout: Readonly<Record<string, readonly [number, keyof typeof BITS]>>) => {
    const names = Object.keys(layout).filter((name) => !NEEDED.includes(name));
    const name = names[below(names.length)];
    return { [name]: value(layout[name][1]) };
  };
  const draw = (): Spoil => {
    const stage = below(stages.length);
    const { entries, passes } = stages[stage];
    switch (below(4)) {
      case 0:
        return { header: field(format.HEADER) };
      case 1:
        return { stage, descriptor: field(format.DESCRIPTOR) };
      case 2:
        return { stage, entry: field(format.ENTRY), ...(below(2) === 0 && { index: below(entries) }) };
      default:
        return { stage, pass: field(format.PASS), ...(below(2) === 0 && { index: below(passes) }) };
    }
  };
  const spoilt: Uint8Array[] = [];
  while (spoilt.length < count) {
    const bytes = spoilTape(tape, draw());
    if (bytes.some((byte, i) => byte !== tape[i])) spoilt.push(bytes);
  }
  return spoilt;
}
