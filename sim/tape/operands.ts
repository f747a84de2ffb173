/** Fetches a k-tile's operands: one source vector under one tap, for every pixel of a run. */
import { tapeStalls } from '../../gen/diagnostics/tape.ts';
import { INPUT_LANES } from '../../gen/geometry/geometry.ts';
import type { FeatureMemory } from './memory.ts';
import type { Coordinates, Tap } from './taps.ts';

/** A map as a run reads it: vector v of the pass, group q lies at base + v·step + (q mod circle). */
export interface SourceMap {
  readonly base: number;
  /** Words from the first vector read to the second. */
  readonly step: number;
  /** Groups of the circular buffer; of a whole map, its groups. */
  readonly circle: number;
  /** Groups that are completely written in all vectors read. */
  readonly written: number;
}

/** The pixels of a run: `groups` groups from `firstGroup` of the source map on, with their coordinates. */
export interface RunPixels {
  readonly firstGroup: number;
  readonly groups: number;
  /** Where the run's first pixel stands in `coordinates`. */
  readonly firstPixel: number;
  readonly coordinates: Coordinates;
  readonly width: number;
  readonly height: number;
  /** Whether pixels below the map read 0 under a centre tap too: in an extended engine. */
  readonly masksBelow: boolean;
}

/** Addresses on the tape have 16 bits. */
const ADDRESS_MASK = 0xffff;

/** What a masked tap sends: raw 0, which is −128 behind the flipped sign bit. */
const MASKED = -128;

/**
 * Writes the operands x − 128, pixels × 16 input lanes, to `target`. Throws FF610 when a group is read that
 * nobody has written: the engine would wait for it.
 */
export function fetchOperands(
  memory: FeatureMemory,
  lanes: number,
  source: SourceMap,
  vector: number,
  tap: Tap,
  pixels: RunPixels,
  target: Int8Array,
  part: string,
): void {
  const { coordinates, width, height, firstPixel, masksBelow } = pixels;
  const vectorBase = (source.base + vector * source.step) & ADDRESS_MASK;
  const centre = tap.dx === 0 && tap.dy === 0;
  for (let pixel = 0; pixel < pixels.groups * lanes; pixel++) {
    const x = coordinates.x[firstPixel + pixel] + tap.dx;
    const y = coordinates.y[firstPixel + pixel] + tap.dy;
    // What a centre tap makes of lanes behind the map's last pixel nobody uses, but a padded classifier.
    const inside = centre ? !masksBelow || y < height : x >= 0 && x < width && y >= 0 && y < height;
    if (!inside) {
      target.fill(MASKED, pixel * INPUT_LANES, (pixel + 1) * INPUT_LANES);
      continue;
    }
    const lane = (pixel % lanes) + tap.lane;
    const bank = lane % lanes;
    const group = pixels.firstGroup + Math.floor(pixel / lanes) + tap.group + (lane - bank) / lanes;
    if (group >= source.written) {
      throw tapeStalls(
        part,
        `it reads group ${group} of vector ${vector}, and ${source.written} are written`,
      );
    }
    memory.fetchSigned(bank, vectorBase + (group % source.circle), target, pixel * INPUT_LANES);
  }
}
