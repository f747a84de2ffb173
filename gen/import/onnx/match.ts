/** Walks the graph from the image to its end and translates what it meets into layers. */
import { mapTooWide, mapVanishes, onnxPatternUnsupported } from '../../diagnostics/model.ts';
import type { ImageShape, Layer } from '../../graph/network.ts';
import { layerShape } from '../../graph/shapes.ts';
import { MAX_SIDE } from '../../graph/squeezenet.ts';
import { takeConvolution } from './convolution.ts';
import { isSqueeze, takeFire } from './fire.ts';
import type { OnnxGraph } from './graph.ts';
import { AVERAGES, GLOBAL_MAXIMA, requireWholeMap, takeMaxPool } from './pool.ts';

/** Operators that may follow a global pool: they change the result's shape or only rescale it. */
const TAIL = ['Reshape', 'Flatten', 'Squeeze', 'Softmax'];

interface Step {
  readonly layer: Layer;
  readonly output: string;
}

/**
 * The layers, named by position as the paper does: conv1, fire2, …, conv10, and each pool by the layer
 * before it. They end with a global pool, or with the map that nothing more reads.
 */
export function matchLayers(graph: OnnxGraph, inputName: string, input: ImageShape): Layer[] {
  const layers: Layer[] = [];
  const pools = new Map<string, number>();
  let value = inputName;
  let shape = input;
  let position = 0;
  while (!endsHere(graph, value, layers)) {
    const step = takeStep(graph, value, shape, position);
    if (step.layer.kind === 'conv' || step.layer.kind === 'fire') position += 1;
    const next = layerShape(shape, step.layer);
    if (next.height < 1 || next.width < 1) throw mapVanishes(graph.file, step.layer.name, input);
    if (Math.max(next.height, next.width) > MAX_SIDE) throw mapTooWide(graph.file, step.layer.name, MAX_SIDE);
    layers.push(uniquelyNamed(step.layer, pools));
    value = step.output;
    shape = next;
  }
  requireTail(graph, value);
  return layers;
}

function endsHere(graph: OnnxGraph, value: string, layers: readonly Layer[]): boolean {
  const last = layers.at(-1)?.kind;
  return last === 'gap' || last === 'gmp' || (last !== undefined && graph.users(value).length === 0);
}

function takeStep(graph: OnnxGraph, value: string, shape: ImageShape, position: number): Step {
  const users = graph.users(value);
  if (users.length > 1) return takeBypassedFire(graph, value, shape, position);
  const [node] = users;
  if (node.operator === 'MaxPool') {
    return { layer: takeMaxPool(graph, node, shape, `pool${position}`), output: node.output };
  }
  if (AVERAGES.includes(node.operator)) {
    requireWholeMap(graph, node, shape);
    return { layer: { kind: 'gap', name: `pool${position}` }, output: node.output };
  }
  if (GLOBAL_MAXIMA.includes(node.operator)) {
    requireWholeMap(graph, node, shape);
    return { layer: { kind: 'gmp', name: `pool${position}` }, output: node.output };
  }
  if (node.operator !== 'Conv') {
    throw onnxPatternUnsupported(
      graph.file,
      node.label,
      `the operator ${node.operator} stands at an unknown place`,
    );
  }
  const taken = takeConvolution(graph, node, shape);
  if (isSqueeze(graph, taken)) {
    const { fire, output } = takeFire(graph, `fire${position + 1}`, shape, taken);
    return { layer: fire, output };
  }
  const classifies = graph.users(taken.output).some((user) => AVERAGES.includes(user.operator));
  if (!taken.conv.relu && !classifies) {
    throw onnxPatternUnsupported(
      graph.file,
      node.label,
      'no Relu follows it; maps between layers are unsigned',
    );
  }
  const name = `conv${position + 1}`;
  return { layer: { kind: 'conv', name, conv: { ...taken.conv, name } }, output: taken.output };
}

/** Two nodes read one map: a squeeze, and an Add or a 1x1 convolution around the Fire module. */
function takeBypassedFire(graph: OnnxGraph, value: string, shape: ImageShape, position: number): Step {
  const users = graph.users(value);
  const squeezes = users
    .filter((user) => user.operator === 'Conv')
    .map((user) => takeConvolution(graph, user, shape))
    .filter((taken) => isSqueeze(graph, taken));
  if (users.length !== 2 || squeezes.length !== 1) {
    const readers = users.map(({ label }) => label).join(', ');
    throw onnxPatternUnsupported(graph.file, users[0].label, `its input is also read by others (${readers})`);
  }
  const [squeeze] = squeezes;
  const around = users.find((user) => user !== squeeze.node)!;
  const { fire, output } = takeFire(graph, `fire${position + 1}`, shape, squeeze, around);
  return { layer: fire, output };
}

/** A pool directly behind a pool has a number more: pool3, pool3.2. `seen` counts names. */
function uniquelyNamed(layer: Layer, seen: Map<string, number>): Layer {
  const count = (seen.get(layer.name) ?? 0) + 1;
  seen.set(layer.name, count);
  return count === 1 ? layer : { ...layer, name: `${layer.name}.${count}` };
}

function requireTail(graph: OnnxGraph, logits: string): void {
  const pending = [...graph.users(logits)];
  for (let node = pending.pop(); node; node = pending.pop()) {
    if (!TAIL.includes(node.operator)) {
      throw onnxPatternUnsupported(graph.file, node.label, `${node.operator} follows the global pool`);
    }
    pending.push(...graph.users(node.output));
  }
}
