/** Tapes that no compiler writes, and the code that each must end with. */
import { FLAG } from '../../gen/tape/format.ts';
import type { Spoil } from './spoil.ts';

type Code = 'BAD_COMMAND' | 'STALLED' | 'TAPE_VERSION' | 'TAPE_GEOMETRY' | 'TAPE_MAGIC' | 'PACKET_CRC';
type Case = readonly [what: string, code: Code, spoil: Spoil];

const HIGH = 0xffff;
/** Behind the feature memory, and small enough that nothing wraps round. */
const BEHIND = 0x8000;
/** The last stage. */
const LAST = -1;

const HEADERS: readonly Case[] = [
  ['another magic', 'TAPE_MAGIC', { header: { magic: 0 } }],
  ['another version', 'TAPE_VERSION', { header: { version: 2 } }],
  ['another geometry', 'TAPE_GEOMETRY', { header: { geometry: 1 } }],
  ['a tape of its header alone', 'BAD_COMMAND', { header: { words: 4 } }],
  ['a tape longer than any', 'BAD_COMMAND', { header: { words: 2 ** 24 } }],
  ['an image of no bytes', 'BAD_COMMAND', { header: { imageBytes: 0 } }],
  ['an image of all bytes', 'BAD_COMMAND', { header: { imageBytes: 2 ** 32 - 1 } }],
  ['an image with a word too many', 'BAD_COMMAND', { header: { imageBytes: 24 * 24 * 3 + 16 } }],
  ['an image with a word too few', 'BAD_COMMAND', { header: { imageBytes: 24 * 24 * 3 - 16 } }],
  ['an image of no width', 'BAD_COMMAND', { header: { imageWidth: 0 } }],
  ['an image of no height', 'BAD_COMMAND', { header: { imageHeight: 0 } }],
  ['an image wider than a row', 'BAD_COMMAND', { header: { imageWidth: 513, imageBytes: 513 * 24 * 3 } }],
  ['an image higher than any', 'BAD_COMMAND', { header: { imageHeight: 513, imageBytes: 513 * 24 * 3 } }],
  ['no classes', 'BAD_COMMAND', { header: { classes: 0 } }],
  ['fewer classes than logits', 'BAD_COMMAND', { header: { classes: 36 } }],
  ['more classes than logits', 'BAD_COMMAND', { header: { classes: 41 } }],
  ['no kernel', 'BAD_COMMAND', { header: { kernel: 0 } }],
  ['an even kernel', 'BAD_COMMAND', { header: { kernel: 2 } }],
  ['a kernel of 9', 'BAD_COMMAND', { header: { kernel: 9 } }],
  ['no stride', 'BAD_COMMAND', { header: { stride: 0 } }],
  ['a stride of 3', 'BAD_COMMAND', { header: { stride: 3 } }],
  ['a pad as high as the kernel', 'BAD_COMMAND', { header: { padTop: 3 } }],
  ['a pad as wide as the kernel', 'BAD_COMMAND', { header: { padLeft: 255 } }],
  ['no packed vectors', 'BAD_COMMAND', { header: { vectors: 0 } }],
  ['too many packed vectors', 'BAD_COMMAND', { header: { vectors: 255 } }],
  ['another first map than the first stage', 'BAD_COMMAND', { header: { outWidth: 12 } }],
  ['another packed buffer than the first stage', 'BAD_COMMAND', { header: { packBase: 0 } }],
  [
    'packed pixels behind the memory',
    'BAD_COMMAND',
    { header: { packBase: BEHIND }, descriptor: { sourceBase: BEHIND } },
  ],
  ['a packed buffer for nothing', 'STALLED', { header: { packGroups: 0 }, descriptor: { sourceStride: 0 } }],
];

const PACKETS: readonly Case[] = [
  ['weights first', 'BAD_COMMAND', { command: { type: 2 } }],
  ['a command where weights are due', 'BAD_COMMAND', { weights: { type: 1 } }],
  ['an unknown packet', 'BAD_COMMAND', { stage: 1, command: { type: 3 } }],
  ['an empty command', 'BAD_COMMAND', { command: { wordsLow: 0 } }],
  ['a command longer than its memory', 'BAD_COMMAND', { command: { wordsLow: 513 } }],
  ['a command with a word less', 'PACKET_CRC', { command: { wordsLow: 6 } }],
  ['weights longer than their sections', 'BAD_COMMAND', { weights: { wordsLow: 53 } }],
  ['weights shorter than their sections', 'BAD_COMMAND', { weights: { wordsLow: 51 } }],
];

const STAGES: readonly Case[] = [
  ['no entries', 'BAD_COMMAND', { descriptor: { entries: 0 } }],
  ['an entry too many', 'BAD_COMMAND', { descriptor: { entries: 5 } }],
  ['all entries there are', 'BAD_COMMAND', { descriptor: { entries: HIGH } }],
  ['no expand passes', 'BAD_COMMAND', { descriptor: { expandPasses: 0 } }],
  ['all passes there are', 'BAD_COMMAND', { descriptor: { expandPasses: HIGH, squeezePasses: HIGH } }],
  ['passes that wrap round', 'BAD_COMMAND', { stage: LAST, descriptor: { squeezePasses: HIGH } }],
  ['a first stage without the image', 'BAD_COMMAND', { descriptor: { flags: FLAG.pool } }],
  ['the image again', 'BAD_COMMAND', { stage: 1, descriptor: { flags: FLAG.packedSource | FLAG.pool } }],
  ['a last stage that is none', 'BAD_COMMAND', { stage: LAST, descriptor: { flags: FLAG.passMajor } }],
  [
    'a stage behind the last one',
    'BAD_COMMAND',
    { stage: 1, descriptor: { flags: FLAG.passMajor | FLAG.globalPool | FLAG.last } },
  ],
  [
    'sections kept for no stage',
    'BAD_COMMAND',
    {
      stage: LAST,
      descriptor: { flags: FLAG.passMajor | FLAG.globalPool | FLAG.last | FLAG.keepSections },
    },
  ],
  ['no sections', 'BAD_COMMAND', { descriptor: { sectionWords: 0 } }],
  ['sections longer than the weights', 'BAD_COMMAND', { descriptor: { sectionWords: 53 } }],
  ['squeeze sections behind the weights', 'BAD_COMMAND', { descriptor: { squeezeOffset: 52 } }],
  ['squeeze sections before the weights', 'BAD_COMMAND', { descriptor: { squeezeOffset: 0xfffff0 } }],
  ['a map of no width', 'BAD_COMMAND', { stage: 1, descriptor: { width: 0 } }],
  ['a map of no height', 'BAD_COMMAND', { stage: 1, descriptor: { height: 0 } }],
  ['a pooled map of no width', 'BAD_COMMAND', { stage: 1, descriptor: { pooledWidth: 0 } }],
  ['a pooled map of no height', 'BAD_COMMAND', { stage: 1, descriptor: { pooledHeight: 0 } }],
  ['pooled rows beyond their memory', 'BAD_COMMAND', { stage: 1, descriptor: { pooledWidth: 1000 } }],
  ['a source behind the memory', 'BAD_COMMAND', { stage: 1, descriptor: { sourceBase: BEHIND } }],
  ['a source that reaches behind it', 'BAD_COMMAND', { stage: 1, descriptor: { sourceBase: 16383 } }],
  [
    'source vectors farther apart than it',
    'BAD_COMMAND',
    { stage: LAST, descriptor: { sourceStride: HIGH } },
  ],
  ['a source of fewer groups', 'BAD_COMMAND', { stage: 1, descriptor: { sourceGroups: 24 } }],
  ['a source of more groups', 'BAD_COMMAND', { descriptor: { sourceGroups: 122 } }],
  ['a start behind the source', 'BAD_COMMAND', { stage: 1, descriptor: { firstGroup: 1 } }],
  ['a block behind the memory', 'BAD_COMMAND', { stage: 1, descriptor: { blockBase: BEHIND } }],
  ['a block larger than the memory', 'BAD_COMMAND', { stage: 1, descriptor: { blockStride: HIGH } }],
  ['an output behind the memory', 'BAD_COMMAND', { stage: 1, descriptor: { outBase: BEHIND } }],
  ['an output that reaches behind it', 'BAD_COMMAND', { descriptor: { outBase: 16383 } }],
  ['an output larger than the memory', 'BAD_COMMAND', { descriptor: { outStride: HIGH } }],
  ['another mark set than was written', 'STALLED', { stage: 1, descriptor: { sets: 0 | (3 << 2) } }],
];

const ENTRIES_AND_PASSES: readonly Case[] = [
  ['no groups', 'BAD_COMMAND', { entry: { groups: 0 } }],
  ['no groups to squeeze', 'STALLED', { entry: { squeezeGroups: 0 } }],
  ['no groups in the last stage', 'STALLED', { stage: LAST, entry: { groups: 0 } }],
  ['more groups than an accumulator bank', 'BAD_COMMAND', { stage: 1, entry: { groups: 65 } }],
  ['more groups than the source', 'BAD_COMMAND', { stage: 1, entry: { groups: 26 } }],
  ['more groups to squeeze than the block', 'BAD_COMMAND', { stage: 1, entry: { squeezeGroups: 5 } }],
  ['a walk without an end', 'STALLED', { stage: LAST, entry: { flags: 0 } }],
  ['no vectors', 'BAD_COMMAND', { stage: 1, index: 0, pass: { vectors: 0 } }],
  ['more vectors than slots', 'BAD_COMMAND', { stage: LAST, index: 0, pass: { vectors: 65 } }],
  ['longer sections than there are', 'BAD_COMMAND', { stage: LAST, index: 9, pass: { vectors: 3 } }],
  ['a slot that no map has', 'BAD_COMMAND', { stage: 1, index: 0, pass: { slot: 64 } }],
  ['bytes that no word has', 'BAD_COMMAND', { stage: 1, index: 0, pass: { flags: 4 } }],
  ['a vector that is never complete', 'STALLED', { stage: 1, pass: { flags: 0 } }],
];

export const IMPOSSIBLE: readonly Case[] = [...HEADERS, ...PACKETS, ...STAGES, ...ENTRIES_AND_PASSES];
