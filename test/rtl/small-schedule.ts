/** Schedules of the published networks at small sides, for benches that need no weights. */
import type { Geometry } from '../../gen/geometry/geometry.ts';
import { NO_PADDING } from '../../gen/graph/network.ts';
import {
  type ConvolutionSpec,
  convolutionSpecs,
  type SqueezenetVersion,
  squeezenetSpec,
} from '../../gen/graph/squeezenet.ts';
import type { IntegerConvolution, IntegerLayer, IntegerNetwork } from '../../gen/quantize/integer-network.ts';
import type { Schedule } from '../../gen/schedule/nest.ts';
import { planSchedule } from '../../gen/schedule/plan.ts';

export interface SmallNetwork {
  readonly version: SqueezenetVersion;
  readonly side: number;
  readonly classes: number;
}

const withoutWeights = (spec: ConvolutionSpec): IntegerConvolution => ({
  ...spec,
  padValue: Array.from({ length: spec.inChannels }, () => 0),
  weight: new Int8Array(),
  bias: new Int32Array(),
  m: new Uint16Array(),
  s: new Uint8Array(),
  weightScale: new Float64Array(),
  inputScale: 1,
  outputScale: 1,
});

function shapes({ version, side, classes }: SmallNetwork): IntegerNetwork {
  const spec = squeezenetSpec(version, classes);
  const convs = new Map(convolutionSpecs(spec).map((conv) => [conv.name, withoutWeights(conv)]));
  const pooled = (name: string, layer: IntegerLayer): IntegerLayer[] =>
    spec.poolsAfter.includes(name)
      ? [
          layer,
          { kind: 'maxpool', name: `pool-${name}`, kernel: 3, stride: 2, padding: NO_PADDING, ceil: true },
        ]
      : [layer];
  const fires = spec.fires.flatMap(({ name }) =>
    pooled(name, {
      kind: 'fire',
      name,
      squeeze: convs.get(`${name}/squeeze1x1`)!,
      expand1x1: convs.get(`${name}/expand1x1`)!,
      expand3x3: convs.get(`${name}/expand3x3`)!,
      bypass: { kind: 'none' },
    }),
  );
  const input = { height: side, width: side, channels: 3 };
  const name = `squeezenet${version}`;
  return {
    name,
    input,
    layers: [
      ...pooled('conv1', { kind: 'conv', name: 'conv1', conv: convs.get('conv1')! }),
      ...fires,
      {
        kind: 'classifier',
        name: 'conv10',
        conv: convs.get('conv10')!,
        relu: true,
        gap: { kind: 'gap', name: 'pool10' },
      },
    ],
    output: { kind: 'logits', channels: classes, scale: 1 },
    source: {
      name,
      input,
      layers: [],
      trained: false,
      preprocess: { order: 'rgb', mean: [], scale: [], resize: side },
    },
  };
}

export function smallGeometry(outputLanes: number, pixelLanes: number, accumulatorDepth = 64): Geometry {
  return {
    outputLanes,
    pixelLanes,
    multiplierBits: 25,
    accumulatorDepth,
    portBits: 64,
    burstBeats: 16,
    ringWords: 4096,
    mapWords: 16384,
    commandWords: 512,
    poolWords: 8192 / outputLanes,
    poolPasses: 256,
    packLanes: pixelLanes < 4 ? 1 : 2,
    imageRows: 11,
    maxSide: 512,
    maxKernel: 7,
    extended: 0,
  };
}

export function smallSchedule(network: SmallNetwork, geometry: Geometry): Schedule {
  return planSchedule(shapes(network), geometry);
}
