/** What the compiler makes of a network, before and after it is written as files. */
import type { Board } from './geometry/boards.ts';
import type { Geometry } from './geometry/geometry.ts';
import type { ImageSize, Network } from './graph/network.ts';
import type { TopologyWish } from './graph/squeezenet.ts';
import type { Calibration } from './quantize/calibration.ts';
import type { QuantizedNetwork } from './quantize/quantize.ts';
import type { Schedule } from './schedule/nest.ts';

/** A compiled network: all that the witnesses need. */
export interface Compiled {
  readonly network: Network;
  readonly calibration: Calibration;
  readonly integer: QuantizedNetwork;
  readonly geometry: Geometry;
  readonly schedule: Schedule;
  readonly tape: Uint8Array;
}

/** How the network was asked for, so that a build can be re-made; LoadOptions without the preprocessing. */
export interface ModelRecord extends TopologyWish {
  readonly model: string;
  readonly weights?: 'imagenet' | 'none';
  readonly side?: number;
  readonly size?: ImageSize;
  readonly classes?: number;
  readonly seed?: number;
  readonly labelOffset?: number;
}

/** What stands in a build besides what was compiled. */
export interface BuildContext {
  readonly board: Board;
  readonly model: ModelRecord;
}

/** Path inside the build → contents. */
export type BuildFiles = ReadonlyMap<string, Uint8Array>;
