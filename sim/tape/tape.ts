/** A decoded tape: the commands as plain data, in the order of the bytes. */
import type { DESCRIPTOR, Fields, HEADER, TRANSFER } from '../../gen/tape/format.ts';

/** The header's fields (docs/reference/tape.md). */
export type TapeHeader = Fields<typeof HEADER>;

/** A stage's fields, with the flags apart. */
export interface StageDescriptor extends Fields<typeof DESCRIPTOR> {
  readonly passMajor: boolean;
  readonly packedSource: boolean;
  readonly pool: boolean;
  readonly globalPool: boolean;
  readonly relu: boolean;
  readonly last: boolean;
  /** Side of the max-pool's window; its stride is 2. */
  readonly poolKernel: 2 | 3;
  readonly partialColumn: boolean;
  readonly partialRow: boolean;
  readonly keepSections: boolean;
  readonly waits: boolean;
  readonly sumsContinue: boolean;
  readonly sumsGoOn: boolean;
  /** Mark sets: of the map read, of the concatenated map, of the squeeze's output. */
  readonly sourceSet: number;
  readonly blockSet: number;
  readonly outSet: number;
}

/** A block: how many groups the expand passes and the squeeze passes walk; 0 is none. */
export interface TapeEntry {
  readonly groups: number;
  readonly squeezeGroups: number;
  readonly lastExpand: boolean;
  readonly lastSqueeze: boolean;
}

/** The parameters and weights of one pass, TM output channels. */
export interface Section {
  /** TM biases; they hold the 128·Σw of the packed arithmetic. */
  readonly bias: Int32Array;
  readonly m: Uint16Array;
  readonly s: Uint8Array;
  /** Tiles × TM × 16 input lanes: the weights of one output channel side by side, unlike on the tape. */
  readonly weights: Int8Array;
}

export interface TapePass {
  /** Source vectors, that is, k-tiles a tap, and the first of them. */
  readonly vectors: number;
  readonly firstVector: number;
  /** 1 or 9. */
  readonly taps: number;
  /** Destination: vector and TM-byte piece of its words. */
  readonly slot: number;
  readonly sub: number;
  /** Whether this pass writes the last piece of its slot. */
  readonly completes: boolean;
  readonly section: Section;
}

export interface TapeStage {
  readonly index: number;
  readonly descriptor: StageDescriptor;
  readonly entries: readonly TapeEntry[];
  readonly expandPasses: readonly TapePass[];
  readonly squeezePasses: readonly TapePass[];
}

/** Rows of a map to or from the result buffer. */
export interface TapeTransfer extends Fields<typeof TRANSFER> {
  readonly store: boolean;
  /** A store of the result's data. */
  readonly result: boolean;
}

export type TapeCommand = { readonly stage: TapeStage } | { readonly transfer: TapeTransfer };

export interface Tape {
  readonly header: TapeHeader;
  readonly stages: readonly TapeStage[];
  /** The stages and the transfers between them. */
  readonly commands: readonly TapeCommand[];
}
