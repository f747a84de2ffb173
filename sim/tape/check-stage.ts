/** Whether a stage's command can be carried out in the geometry's memories: counts, ranges, pool, sections. */
import { tapeFieldImplausible } from '../../gen/diagnostics/tape.ts';
import { type Geometry, INPUT_LANES, MAP_SLOTS } from '../../gen/geometry/geometry.ts';
import { SHIFT_MAX, SHIFT_MIN, WEIGHT_MAX } from '../../gen/quantize/numerics.ts';
import type { TapeHeader, TapePass, TapeStage } from './tape.ts';

type Require = (holds: boolean, reason: string) => void;

/** Throws FF606 for the first thing that cannot be. */
export function checkStage(stage: TapeStage, header: TapeHeader, geometry: Geometry): void {
  const require: Require = (holds, reason) => {
    if (!holds) throw tapeFieldImplausible(`stage ${stage.index}`, reason);
  };
  checkWalk(stage, header, geometry, require);
  checkEntries(stage, geometry, require);
  checkPool(stage, geometry, require);
  checkPasses(stage, header, geometry, require);
  checkMaps(stage, header, geometry, require);
}

/** The expanded map's pixels, and the constants by which coordinates and taps walk over them. */
function checkWalk({ descriptor: d, index }: TapeStage, header: TapeHeader, g: Geometry, require: Require) {
  const lanes = g.pixelLanes;
  const pixels = d.width * d.height;
  require(pixels > 0, 'its map has no pixels');
  const groups = Math.ceil(pixels / lanes);
  const extended = g.extended === 1;
  require(extended ||
    !(d.waits || d.sumsContinue || d.sumsGoOn || d.vectorStep), 'it needs an extended engine');
  require(!(d.sumsContinue || d.sumsGoOn) || d.globalPool, 'it keeps sums without a global pool');
  require(d.sourceGroups === (d.waits ? 0 : groups), `${d.sourceGroups} groups do not hold ${pixels} pixels`);
  const padded = extended && d.globalPool && d.lastLanes > 0 && d.lastLanes <= lanes;
  require(padded ||
    d.lastLanes === pixels - (groups - 1) * lanes, `the last group cannot have ${d.lastLanes} pixels`);
  require(d.firstGroup < groups, `it starts at group ${d.firstGroup} of ${groups}`);
  const first = d.firstGroup * lanes;
  require(d.firstY * d.width + d.firstX === first &&
    d.firstX < d.width, 'its first pixel and first group differ');
  const split = (offset: number) => [Math.floor(offset / lanes), offset - Math.floor(offset / lanes) * lanes];
  const [startGroup, startLane] = split(-d.width - 1);
  const [rowGroups, rowLanes] = split(d.width - 2);
  require(d.tapStartGroup === startGroup &&
    d.tapStartLane === startLane, 'its first tap is not one row and one pixel back');
  require(d.tapRowGroups === rowGroups &&
    d.tapRowLanes === rowLanes, 'its step to the next row of taps is wrong');
  require(d.laneStepX === lanes % d.width &&
    d.laneStepY === Math.floor(lanes / d.width), 'its step from group to group is wrong');
  const isLast = index === header.stages - 1 && header.classes > 0;
  require(d.last === isLast, 'the flag of the last stage is wrong');
  require(d.globalPool === (d.last || d.sumsGoOn), 'the global pool does not stand in the last stage');
  if (d.packedSource) {
    require(d.width === header.outWidth &&
      d.height === header.outHeight, "its map is not the first convolution's");
    require(d.sourceBase === header.packBase &&
      d.sourceStride === header.packGroups, 'it reads another buffer than the packed one');
  }
}

function checkEntries({ descriptor: d, entries }: TapeStage, g: Geometry, require: Require) {
  require(entries.length > 0, 'it has no entries');
  require(d.expandPasses > 0, 'it has no expand passes');
  const depth = g.accumulatorDepth;
  require(entries.every((e) => e.groups + e.squeezeGroups > 0), 'an entry has no groups');
  require(entries.every(
    (e) => Math.max(e.groups, e.squeezeGroups) <= depth,
  ), `an entry has more than ${depth} groups`);
  const expanded = entries.reduce((sum, e) => sum + e.groups, 0);
  const squeezed = entries.reduce((sum, e) => sum + e.squeezeGroups, 0);
  require(expanded > 0, 'it expands no groups');
  const groups = Math.ceil((d.width * d.height) / g.pixelLanes);
  const padded = g.extended === 1 && d.globalPool;
  require(padded ||
    d.firstGroup + expanded <= groups, `its entries reach group ${d.firstGroup + expanded} of ${groups}`);
  require(squeezed > 0 === d.squeezePasses > 0, 'squeeze groups and squeeze passes do not go together');
  require(squeezed <= d.blockGroups, `its entries squeeze ${squeezed} groups of ${d.blockGroups}`);
  require(d.squeezeDelay <=
    d.expandPasses, `a squeeze after ${d.squeezeDelay} of ${d.expandPasses} passes never comes`);
  const lastExpand = entries.findLastIndex((e) => e.groups > 0);
  const lastSqueeze = entries.findLastIndex((e) => e.squeezeGroups > 0);
  require(entries.every(
    (e, i) => e.lastExpand === (i === lastExpand) && e.lastSqueeze === (i === lastSqueeze),
  ), 'the flags of the last entries are wrong');
}

function checkPool({ descriptor: d, entries }: TapeStage, g: Geometry, require: Require) {
  const pixels = d.pool ? d.pooledWidth * d.pooledHeight : d.width * d.height;
  if (d.globalPool) {
    require(!d.pool && d.squeezePasses === 0, 'a global pool ends the way: no max-pool, no squeeze');
    require(d.passMajor || entries.length === 1, 'a global pool must finish each pass before the next');
    return;
  }
  require(d.blockGroups ===
    Math.ceil(pixels / g.pixelLanes), `${d.blockGroups} groups do not hold ${pixels} pixels`);
  if (!d.pool) return;
  require(pixels > 0, 'its pooled map has no pixels');
  // A last window may reach one pixel over the edge, or leave one pixel out.
  const over = (pooled: number, side: number) => 2 * (pooled - 1) + d.poolKernel - side;
  const column = over(d.pooledWidth, d.width);
  const row = over(d.pooledHeight, d.height);
  require(Math.abs(column) <= 1 &&
    d.partialColumn === (column === 1), `${d.pooledWidth} pooled columns do not fit ${d.width}`);
  require(Math.abs(row) <= 1 &&
    d.partialRow === (row === 1), `${d.pooledHeight} pooled rows do not fit ${d.height}`);
  const live = d.passMajor ? 1 : d.expandPasses;
  require(live <= g.poolPasses, `its pool keeps ${live} passes, the engine ${g.poolPasses}`);
  require(live * d.pooledWidth <=
    g.poolWords, `its pool keeps ${live * d.pooledWidth} words, the engine ${g.poolWords}`);
}

function checkPasses(stage: TapeStage, header: TapeHeader, g: Geometry, require: Require) {
  const { descriptor: d, expandPasses, squeezePasses } = stage;
  const pieces = INPUT_LANES / g.outputLanes;
  for (const pass of [...expandPasses, ...squeezePasses]) {
    require(pass.vectors > 0 && pass.vectors <= MAP_SLOTS, `a pass reads ${pass.vectors} vectors`);
    require(pass.firstVector === 0 ||
      (g.extended === 1 && d.waits), `a pass reads from vector ${pass.firstVector} on`);
    require(pass.section.weights.every((weight) => weight >= -WEIGHT_MAX), 'a weight is -128');
    if (d.globalPool) continue;
    require(pass.slot < MAP_SLOTS, `a pass writes vector ${pass.slot} of ${MAP_SLOTS}`);
    require(pass.sub < pieces, `a pass writes piece ${pass.sub} of ${pieces}`);
  }
  require(squeezePasses.every((pass) => pass.taps === 1), 'a squeeze pass is 3x3');
  require(!d.packedSource ||
    expandPasses.every(
      (pass) => pass.taps === 1 && pass.vectors === header.vectors,
    ), 'a pass over packed pixels is 3x3 or reads not all of their vectors');
  if (d.globalPool) {
    const logits = expandPasses.length * g.outputLanes;
    require(logits >=
      header.classes, `its passes give ${logits} logits, the header asks for ${header.classes}`);
  }
  // Padding classes of the last pass never leave the chip, so their parameters are free.
  const channels = d.globalPool ? header.classes : Number.POSITIVE_INFINITY;
  const shiftFits = (pass: TapePass, first: number) =>
    pass.section.s.every((s, c) => first + c >= channels || (s >= SHIFT_MIN && s <= SHIFT_MAX));
  const shifts =
    expandPasses.every((pass, i) => shiftFits(pass, i * g.outputLanes)) &&
    squeezePasses.every((pass) => shiftFits(pass, 0));
  require(shifts, `a shift is not from ${SHIFT_MIN} to ${SHIFT_MAX}`);
}

/** Every word that the stage addresses lies in the feature memory, and its maps under the header's map top. */
function checkMaps(stage: TapeStage, header: TapeHeader, g: Geometry, require: Require) {
  const { descriptor: d, expandPasses, squeezePasses, entries } = stage;
  const inside = (name: string, base: number, vectors: number, stride: number, top: number) => {
    const end = base + vectors * stride;
    require(end <= top, `its ${name} ends at word ${end} of ${top}`);
  };
  const most = (passes: readonly TapePass[], of: (pass: TapePass) => number) => Math.max(...passes.map(of));
  const vectors = most(expandPasses, (pass) => pass.firstVector + (d.vectorStep ? 1 : pass.vectors));
  const sourceGroups = Math.ceil((d.width * d.height) / g.pixelLanes);
  require(d.sourceStride >= (d.packedSource ? 1 : sourceGroups), 'the vectors of its source overlap');
  inside('source', d.sourceBase, vectors, d.sourceStride, d.packedSource ? g.mapWords : header.mapTop);
  const second = (d.sourceBase + d.vectorStep) & 0xffff;
  inside('second source', second, vectors, d.sourceStride, d.packedSource ? g.mapWords : header.mapTop);
  if (d.globalPool) return;
  const slots = most(expandPasses, (pass) => pass.slot) + 1;
  require(d.blockStride > 0, 'its block buffer holds no group');
  inside('block buffer', d.blockBase, slots, d.blockStride, header.mapTop);
  require(d.packedSource || d.blockSet !== d.sourceSet, 'source and block share their marks');
  // Whoever squeezes block by block needs room for a block; whoever comes later needs all of them.
  const groups = entries.map((e) => Math.max(e.squeezeGroups, d.pool ? 0 : e.groups));
  const together = d.passMajor || squeezePasses.length === 0;
  const held = together ? groups.reduce((sum, count) => sum + count, 0) : Math.max(...groups);
  require(held <= d.blockStride, `${held} groups at once exceed the block buffer of ${d.blockStride}`);
  if (squeezePasses.length === 0) return;
  require(squeezePasses.every(
    (pass) => pass.vectors <= slots,
  ), `a squeeze pass reads more than the ${slots} vectors of the block`);
  const squeezed = entries.reduce((sum, e) => sum + e.squeezeGroups, 0);
  require(squeezed <= d.outStride, `an output of ${squeezed} groups exceeds its stride of ${d.outStride}`);
  inside('output', d.outBase, most(squeezePasses, (pass) => pass.slot) + 1, d.outStride, header.mapTop);
  require(d.outSet !== d.blockSet &&
    (d.packedSource || d.outSet !== d.sourceSet), 'output and its sources share their marks');
}
