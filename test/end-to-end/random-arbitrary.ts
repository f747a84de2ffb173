/** What fast-check draws: members of the family, and the circumstances in which one is run. */
import fc from 'fast-check';
import { FireforgeError } from '../../gen/diagnostics/diagnostic.ts';
import type { Geometry } from '../../gen/geometry/geometry.ts';
import { convLength, poolLength } from '../../gen/graph/shapes.ts';
import { shapesOnly } from '../../gen/quantize/shapes-only.ts';
import { planSchedule } from '../../gen/schedule/plan.ts';
import {
  type Member,
  type MemberFire,
  type MemberPool,
  memberNetwork,
  poolFits,
  WEIGHT_KINDS,
} from './random-member.ts';

/** A member on a simulated engine. */
export interface Trial {
  readonly member: Member;
  readonly images: number;
  readonly latency: number;
  /** In percent of cycles. */
  readonly backpressure: number;
  /** Calibrated ranges are divided by it: activations that are larger saturate. */
  readonly clip: number;
}

const SMALLEST_SIDE = 48;
const LARGEST_SIDE = 64;
const MOST_FIRES = 9;
/** One channel in four networks is wider than this, so that most of them run in about a second. */
const NARROW = 24;
const WIDE = 100;

const channels = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 1, max: NARROW }) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: WIDE }) },
);
const weights = fc.constantFrom(...WEIGHT_KINDS);
const pool = fc.option(fc.record({ kernel: fc.constantFrom(3, 2), ceil: fc.boolean() }), { freq: 2 });

const conv1 = fc
  .record({
    channels,
    kernel: fc.constantFrom(3, 1, 5, 7),
    stride: fc.constantFrom(2, 1),
    weights,
    pool,
  })
  .chain((conv) => {
    const side = fc.integer({ min: 0, max: conv.kernel - 1 });
    const padding = fc.record({ top: side, left: side, bottom: side, right: side });
    return padding.map((padding) => ({ ...conv, padding }));
  });

/** Either expand may be missing: 0 % and 100 % of 3x3. */
const expands = fc
  .record({ expand1x1: channels, expand3x3: channels, share: fc.constantFrom('both', 'both', 'none', 'all') })
  .map(({ expand1x1, expand3x3, share }) => ({
    expand1x1: share === 'all' ? 0 : expand1x1,
    expand3x3: share === 'none' ? 0 : expand3x3,
  }));
const plainFire = fc
  .record({ squeeze: channels, expands, weights, pool })
  .map(({ expands, ...rest }): MemberFire => ({ ...rest, ...expands }));

/** Half of the bypasses find as many channels as they give, so that they can be simple. */
const bypass = fc.record({ kind: fc.constantFrom('simple', 'complex'), relu: fc.boolean() });
const extendedFire = fc
  .record({
    fire: plainFire,
    bypass: fc.option(bypass, { freq: 2 }),
    poolAgain: fc.option(fc.record({ kernel: fc.constantFrom(3, 2), ceil: fc.boolean() }), { freq: 1 }),
  })
  .map(
    ({ fire, bypass, poolAgain }): MemberFire => ({
      ...fire,
      bypass,
      poolAgain: fire.pool ? poolAgain : null,
    }),
  );

const side = fc.integer({ min: SMALLEST_SIDE, max: LARGEST_SIDE });

/** Simple bypasses ask for modules as wide as what they read: those of half the members are. */
function asWideAsBefore(drawn: Member): Member {
  let before = drawn.conv1.channels;
  const fires = drawn.fires.map((fire) => {
    const simple = fire.bypass?.kind === 'simple' && before > 1;
    const expand1x1 = Math.min(fire.expand1x1, before - 1);
    const fitting = simple ? { ...fire, expand1x1, expand3x3: before - expand1x1 } : fire;
    before = fitting.expand1x1 + fitting.expand3x3;
    return fitting;
  });
  return { ...drawn, fires };
}

const memberOf = (fire: fc.Arbitrary<MemberFire>, extended: boolean): fc.Arbitrary<Member> =>
  fc
    .record({
      height: side,
      width: side,
      conv1,
      fires: fc.oneof(
        { weight: 3, arbitrary: fc.array(fire, { minLength: 1, maxLength: 4 }) },
        { weight: 1, arbitrary: fc.array(fire, { minLength: 1, maxLength: MOST_FIRES }) },
      ),
      classifier: fc.record({
        classes: fc.integer({ min: 1, max: 40 }),
        relu: fc.boolean(),
        weights,
        padding: extended ? fc.constantFrom(0, 0, 0, 1, 2) : fc.constant(0),
      }),
      end: extended ? fc.constantFrom(null, null, null, 'map', 'average', 'maximum') : fc.constant(null),
      preprocess: fc.constantFrom('torchvision', 'caffe'),
      seed: fc.nat(0xffff),
    })
    .map(withoutImpossiblePools)
    .map(asWideAsBefore);

const plainMember = memberOf(plainFire, false);
const extendedMember = memberOf(extendedFire, true);

/** Trials whose member an engine has the memories for. */
export const trialOn = (geometry: Geometry): fc.Arbitrary<Trial> =>
  fc.record({
    member: (geometry.extended ? extendedMember : plainMember).filter((drawn) => fits(drawn, geometry)),
    images: fc.integer({ min: 1, max: 3 }),
    latency: fc.constantFrom(0, 7, 30, 60, 200),
    backpressure: fc.constantFrom(0, 0, 0, 30),
    clip: fc.constantFrom(1, 1, 4, 64),
  });

/** Too large a map, too small a ring, another limit of the engine: what users are told with these codes. */
const TOO_LARGE = ['FF502', 'FF503', 'FF504'];

function fits(drawn: Member, geometry: Geometry): boolean {
  try {
    planSchedule(shapesOnly(memberNetwork(drawn)), geometry);
    return true;
  } catch (error) {
    if (error instanceof FireforgeError && TOO_LARGE.includes(error.diagnostic.code)) return false;
    throw error;
  }
}

/** A pool that finds no window in its map is left out. */
function withoutImpossiblePools(drawn: Member): Member {
  const { conv1, fires } = drawn;
  const { kernel, stride, padding } = conv1;
  let map = {
    height: convLength(drawn.height, kernel, stride, padding.top, padding.bottom),
    width: convLength(drawn.width, kernel, stride, padding.left, padding.right),
  };
  const fitting = (pool: MemberPool | null) => {
    if (!pool || !poolFits(map, pool)) return null;
    const length = (of: number) => poolLength(of, { ...pool, stride: 2 }, 0, 0);
    map = { height: length(map.height), width: length(map.width) };
    return pool;
  };
  return {
    ...drawn,
    conv1: { ...conv1, pool: fitting(conv1.pool) },
    fires: fires.map((fire) => {
      const pool = fitting(fire.pool);
      return { ...fire, pool, poolAgain: pool && fitting(fire.poolAgain ?? null) };
    }),
  };
}
