/** Places the regions of all stages in the feature memory: first fit by lifetime, largest first. */
import { mapsTooLarge } from '../diagnostics/schedule.ts';
import { type Geometry, INPUT_LANES } from '../geometry/geometry.ts';
import type { Region } from './nest.ts';

/** Words of a region in each bank. */
export function regionWords(region: Region): number {
  return region.vectors * region.stride;
}

const overlapInTime = (a: Region, b: Region) => a.from <= b.to && b.from <= a.to;

/**
 * Sets `base` of every region. The packed buffer lies at the memory's end, since it fills for the next image
 * while the maps of the present one are still in use. Returns the first word above all maps.
 */
export function allocate(regions: readonly Region[], packed: Region, geometry: Geometry): number {
  packed.base = geometry.mapWords - regionWords(packed);
  const placed: Region[] = [];
  for (const region of [...regions].sort((a, b) => regionWords(b) - regionWords(a))) {
    const neighbours = placed.filter((other) => overlapInTime(region, other)).sort((a, b) => a.base - b.base);
    let base = 0;
    for (const other of neighbours) {
      if (base + regionWords(region) <= other.base) break;
      base = Math.max(base, other.base + regionWords(other));
    }
    region.base = base;
    placed.push(region);
  }
  const mapTop = Math.max(...regions.map((region) => region.base + regionWords(region)));
  if (mapTop > packed.base) {
    const kib = (words: number) => Math.ceil((words * geometry.pixelLanes * INPUT_LANES) / 1024);
    const worst = regions.reduce((a, b) => (b.base + regionWords(b) > a.base + regionWords(a) ? b : a));
    throw mapsTooLarge(worst.name, kib(mapTop + regionWords(packed)), kib(geometry.mapWords));
  }
  return mapTop;
}
