/** Fire modules: a squeeze, two expands, their concatenation, and a bypass around them. */
import { onnxPatternUnsupported } from '../../diagnostics/model.ts';
import type { Bypass, Convolution, FireLayer, ImageShape } from '../../graph/network.ts';
import { onlyUser, type TakenConvolution, takeConvolution } from './convolution.ts';
import type { OnnxGraph } from './graph.ts';
import type { OnnxNode } from './node.ts';

/** A Fire module and the value behind it. */
export interface TakenFire {
  readonly fire: FireLayer;
  readonly output: string;
}

/** Whether a convolution is a squeeze: two convolutions read it. */
export function isSqueeze(graph: OnnxGraph, squeeze: TakenConvolution): boolean {
  const users = graph.users(squeeze.output);
  return users.length === 2 && users.every((user) => user.operator === 'Conv');
}

/** Takes the Fire module that `squeeze` begins. `bypass` is what also reads the module's input. */
export function takeFire(
  graph: OnnxGraph,
  name: string,
  input: ImageShape,
  squeeze: TakenConvolution,
  bypass?: OnnxNode,
): TakenFire {
  const refuse = (node: OnnxNode, reason: string) => onnxPatternUnsupported(graph.file, node.label, reason);
  const waist = { ...input, channels: squeeze.conv.outChannels };
  const branches = graph.users(squeeze.output).map((node) => takeConvolution(graph, node, waist));
  const [concat] = graph.users(branches[0].output);
  if (concat?.operator !== 'Concat' || branches.some(({ output }) => onlyUser(graph, output) !== concat)) {
    throw refuse(squeeze.node, 'two convolutions read it, but their results do not meet in one Concat');
  }
  if (concat.int('axis', 1) !== 1 || graph.maps(concat).length !== 2) {
    throw refuse(concat, 'a Fire module concatenates two maps over channels (axis 1)');
  }
  const [expand1x1, expand3x3] = graph
    .maps(concat)
    .map((value) => branches.find(({ output }) => output === value)!);
  requireWindow(graph, squeeze, 1);
  requireWindow(graph, expand1x1, 1);
  requireWindow(graph, expand3x3, 3);
  const unsigned = onlyUser(graph, concat.output);
  const late = unsigned?.operator === 'Relu';
  const named = (taken: TakenConvolution, part: string): Convolution => {
    const relu = taken.conv.relu || (late && taken !== squeeze);
    if (!relu && !bypass) throw refuse(taken.node, 'no Relu follows it; maps between layers are unsigned');
    return { ...taken.conv, relu, name: `${name}/${part}` };
  };
  const convs = {
    squeeze: named(squeeze, 'squeeze1x1'),
    expand1x1: named(expand1x1, 'expand1x1'),
    expand3x3: named(expand3x3, 'expand3x3'),
  };
  const wide = late ? unsigned.output : concat.output;
  const fire = (added: Bypass): FireLayer => ({ kind: 'fire', name, ...convs, bypass: added });
  if (!bypass) return { fire: fire({ kind: 'none' }), output: wide };
  const joined = takeBypass(graph, `${name}/bypass1x1`, input, bypass, wide, fire({ kind: 'none' }));
  return { fire: fire(joined.bypass), output: joined.output };
}

function requireWindow(graph: OnnxGraph, { conv, node }: TakenConvolution, kernel: 1 | 3): void {
  const padding = kernel === 3 ? 1 : 0;
  const even = Object.values(conv.padding).every((pixels) => pixels === padding);
  if (conv.kernel !== kernel || conv.stride !== 1 || !even) {
    throw onnxPatternUnsupported(
      graph.file,
      node.label,
      `in a Fire module it must be ${kernel}x${kernel} with stride 1 and padding ${padding}`,
    );
  }
}

/** The Add that joins the module's input, or a 1x1 convolution of it, to the module's output `wide`. */
function takeBypass(
  graph: OnnxGraph,
  name: string,
  input: ImageShape,
  start: OnnxNode,
  wide: string,
  { squeeze, expand1x1, expand3x3 }: FireLayer,
): { bypass: Bypass; output: string } {
  const refuse = (node: OnnxNode, reason: string) => onnxPatternUnsupported(graph.file, node.label, reason);
  const taken = start.operator === 'Conv' ? takeConvolution(graph, start, input) : undefined;
  const add = taken ? onlyUser(graph, taken.output) : start;
  if (add?.operator !== 'Add' || onlyUser(graph, wide) !== add) {
    throw refuse(start, 'it reads the input of a Fire module, but is not added to its output');
  }
  if (!squeeze.relu) throw refuse(add, 'no Relu follows the squeeze of its Fire module');
  const channels = expand1x1.outChannels + expand3x3.outChannels;
  const added = taken ? taken.conv.outChannels : input.channels;
  if (added !== channels) throw refuse(add, `it adds ${added} channels to ${channels}`);
  if (taken) requireWindow(graph, taken, 1);
  if (taken?.conv.relu) throw refuse(taken.node, 'a Relu follows the 1x1 convolution of a bypass');
  const next = onlyUser(graph, add.output);
  const output = next?.operator === 'Relu' ? next.output : add.output;
  const unsigned = !taken && expand1x1.relu && expand3x3.relu;
  if (!unsigned && output === add.output) {
    throw refuse(add, 'no Relu follows it though a term may be negative; maps between layers are unsigned');
  }
  const bypass: Bypass = taken ? { kind: 'complex', conv: { ...taken.conv, name } } : { kind: 'simple' };
  return { bypass, output };
}
