/**
 * The tape format's one description (docs/reference/tape.md is its prose). The encoder writes by these
 * tables, the interpreter reads by them, and nothing else knows a byte offset.
 */

export const WORD_BYTES = 16;
export const TAPE_MAGIC = 0x31544646;
export const TAPE_VERSION = 1;
export const HEADER_BYTES = 64;
export const PACKET_HEADER_BYTES = 16;
export const DESCRIPTOR_BYTES = 64;
export const ENTRY_BYTES = 4;
export const PASS_BYTES = 4;
export const PACKET_COMMAND = 1;
export const PACKET_WEIGHTS = 2;
export const PACKET_TRANSFER = 3;
/** A result's status word when everything went well. */
export const RESULT_OK = 1;

/** Bytes of a result: the padded logits and the trailer. */
export function resultBytes(classes: number): number {
  return Math.ceil((4 * classes) / WORD_BYTES) * WORD_BYTES + WORD_BYTES;
}

type FieldType = 'u8' | 'u16' | 'i16' | 'u32';
type Layout = Readonly<Record<string, readonly [byte: number, type: FieldType]>>;

/** The values of a layout, by field name. */
export type Fields<L extends Layout> = { -readonly [name in keyof L]: number };

export const HEADER = {
  magic: [0, 'u32'],
  version: [4, 'u16'],
  flags: [6, 'u16'],
  geometry: [8, 'u32'],
  words: [12, 'u32'],
  tapeId: [16, 'u32'],
  imageBytes: [20, 'u32'],
  imageWidth: [24, 'u16'],
  imageHeight: [26, 'u16'],
  stages: [28, 'u16'],
  classes: [30, 'u16'],
  kernel: [32, 'u8'],
  stride: [33, 'u8'],
  padTop: [34, 'u8'],
  padLeft: [35, 'u8'],
  padRed: [36, 'u8'],
  padGreen: [37, 'u8'],
  padBlue: [38, 'u8'],
  vectors: [39, 'u8'],
  outWidth: [40, 'u16'],
  outHeight: [42, 'u16'],
  packBase: [44, 'u16'],
  packGroups: [46, 'u16'],
  mapTop: [48, 'u16'],
  crc: [60, 'u32'],
} as const satisfies Layout;

export const PACKET = {
  type: [0, 'u8'],
  wordsLow: [2, 'u16'],
  wordsHigh: [4, 'u16'],
  payloadCrc: [8, 'u32'],
  crc: [12, 'u32'],
} as const satisfies Layout;

/** Bits of the descriptor's `flags`. */
export const FLAG = {
  passMajor: 1 << 0,
  packedSource: 1 << 1,
  pool: 1 << 2,
  globalPool: 1 << 3,
  relu: 1 << 4,
  last: 1 << 5,
  poolKernel2: 1 << 6,
  partialColumn: 1 << 7,
  partialRow: 1 << 8,
  keepSections: 1 << 9,
  /** The stage begins when all before it is finished; what it reads needs no marks. */
  waits: 1 << 10,
  /** A global pool's sums start from those kept by the stage before, and are kept for the next. */
  sumsContinue: 1 << 11,
  sumsGoOn: 1 << 12,
  /** In a transfer's descriptor alone. */
  transfer: 1 << 15,
} as const;

/** A map's rows between the feature memory and the job's result buffer: the descriptor of a transfer. */
export const TRANSFER = {
  flags: [0, 'u16'],
  vectors: [2, 'u8'],
  /** Zero words behind each row in the buffer, so that the next row begins at a multiple of 64 bytes. */
  padWords: [3, 'u8'],
  base: [4, 'u16'],
  stride: [6, 'u16'],
  firstGroup: [8, 'u16'],
  firstLane: [10, 'u16'],
  rowPixels: [12, 'u32'],
  rows: [16, 'u32'],
  /** Bytes from RESULT_ADDR, a multiple of 64. */
  offset: [20, 'u32'],
  /** Words of the whole transfer, padding included. */
  words: [24, 'u32'],
} as const satisfies Layout;
/** Low flags of a transfer: memory → port, else port → memory; and a store that is the result's data. */
export const TRANSFER_STORE = 1 << 0;
export const TRANSFER_RESULT = 1 << 1;

export const DESCRIPTOR = {
  flags: [0, 'u16'],
  sets: [2, 'u8'],
  squeezeDelay: [3, 'u8'],
  entries: [4, 'u16'],
  expandPasses: [6, 'u16'],
  squeezePasses: [8, 'u16'],
  lastLanes: [10, 'u16'],
  sourceBase: [12, 'u16'],
  sourceStride: [14, 'u16'],
  sourceGroups: [16, 'u16'],
  blockBase: [18, 'u16'],
  blockStride: [20, 'u16'],
  outBase: [22, 'u16'],
  outStride: [24, 'u16'],
  width: [26, 'u16'],
  height: [28, 'u16'],
  pooledWidth: [30, 'u16'],
  pooledHeight: [32, 'u16'],
  laneStepX: [34, 'u16'],
  laneStepY: [36, 'u16'],
  tapStartGroup: [38, 'i16'],
  tapStartLane: [40, 'u16'],
  tapRowGroups: [42, 'i16'],
  tapRowLanes: [44, 'u16'],
  firstGroup: [46, 'u16'],
  squeezeOffset: [48, 'u32'],
  sectionWords: [52, 'u32'],
  firstX: [56, 'u16'],
  firstY: [58, 'u16'],
  blockGroups: [60, 'u16'],
  /** Words from a pass's first vector to its second, modulo 2^16, if that is not the stride: of an addition. */
  vectorStep: [62, 'u16'],
} as const satisfies Layout;

export const ENTRY = {
  groups: [0, 'u8'],
  squeezeGroups: [1, 'u8'],
  flags: [2, 'u8'],
} as const satisfies Layout;
export const ENTRY_LAST_EXPAND = 1;
export const ENTRY_LAST_SQUEEZE = 2;

export const PASS = {
  vectors: [0, 'u8'],
  slot: [1, 'u8'],
  flags: [2, 'u8'],
  /** First of the source vectors that it reads; not 0 in an extended engine alone. */
  firstVector: [3, 'u8'],
} as const satisfies Layout;
/** Low bits of a pass's flags: destination bytes sub·TM of the slot's vector. */
export const PASS_SUB_MASK = 0x0f;
export const PASS_3X3 = 1 << 4;
export const PASS_COMPLETES = 1 << 5;

const SIZE = { u8: 1, u16: 2, i16: 2, u32: 4 } as const;
const LIMITS = { u8: [0, 0xff], u16: [0, 0xffff], i16: [-0x8000, 0x7fff], u32: [0, 0xffffffff] } as const;

/** Writes `values` into `bytes` at `offset`; a value that its field cannot hold is a compiler fault. */
export function writeFields<L extends Layout>(
  bytes: Uint8Array,
  offset: number,
  layout: L,
  values: Partial<Fields<L>>,
): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (const [name, value] of Object.entries(values) as [string, number][]) {
    const [byte, type] = layout[name];
    const [low, high] = LIMITS[type];
    if (!Number.isInteger(value) || value < low || value > high) {
      throw new RangeError(`tape field ${name} = ${value} does not fit ${type}`);
    }
    const at = offset + byte;
    if (SIZE[type] === 1) view.setUint8(at, value);
    else if (SIZE[type] === 2) view.setUint16(at, value & 0xffff, true);
    else view.setUint32(at, value, true);
  }
}

/** Reads all fields of `layout` from `bytes` at `offset`. */
export function readFields<L extends Layout>(bytes: Uint8Array, offset: number, layout: L): Fields<L> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const read = ([byte, type]: readonly [number, FieldType]) => {
    const at = offset + byte;
    if (type === 'u8') return view.getUint8(at);
    if (type === 'u16') return view.getUint16(at, true);
    return type === 'i16' ? view.getInt16(at, true) : view.getUint32(at, true);
  };
  return Object.fromEntries(Object.entries(layout).map(([name, field]) => [name, read(field)])) as Fields<L>;
}
