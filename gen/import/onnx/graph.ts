/**
 * The ONNX file as a graph that can be walked from the image to its result: checked (every value has one
 * source, no cycles, known operators only) and without the nodes that change nothing in inference.
 */
import {
  onnxCycle,
  onnxDefinedTwice,
  onnxInvalid,
  onnxOperatorUnsupported,
  onnxValueMissing,
  onnxValueNotConstant,
} from '../../diagnostics/model.ts';
import type { Tensor } from '../tensor.ts';
import { constantOf, FLOAT16, FLOAT32, FLOAT64, floatTensor, intValues } from './constants.ts';
import { OnnxNode } from './node.ts';
import type { GraphProto, TensorProto, ValueInfoProto } from './schema.ts';

/** Operators that the importer translates. */
const COMPUTING = [
  ...['Conv', 'BatchNormalization', 'Relu', 'MaxPool', 'Concat', 'Add'],
  ...['GlobalAveragePool', 'AveragePool', 'ReduceMean', 'GlobalMaxPool', 'ReduceMax'],
  ...['Softmax', 'Reshape', 'Flatten', 'Squeeze'],
];

/** Operators that pass their first input through in inference. */
const PASSING = ['Identity', 'Dropout', 'Cast'];

const SUPPORTED = [...COMPUTING, ...PASSING, 'Constant'];

/** Operators all of whose inputs are feature maps; of the others only the first is. */
const JOINING = ['Concat', 'Add'];

export class OnnxGraph {
  readonly file: string;
  /** Inputs of the graph that are not parameters; old files list those too. */
  readonly inputs: readonly ValueInfoProto[];
  readonly outputs: readonly string[];
  private readonly constants = new Map<string, TensorProto>();
  private readonly producers = new Map<string, OnnxNode>();
  /** What `resolve` found, so that long chains of such nodes are walked once. */
  private readonly resolved = new Map<string, string>();
  private readonly consumers = new Map<string, OnnxNode[]>();

  constructor(proto: GraphProto, file: string) {
    this.file = file;
    for (const tensor of proto.initializer) this.constants.set(tensor.name, tensor);
    this.inputs = proto.input.filter(({ name }) => !this.constants.has(name));
    const nodes = proto.node.map((node) => new OnnxNode(node));
    for (const node of nodes) this.define(node);
    this.requireSources(nodes);
    this.requireAcyclic(nodes);
    this.outputs = proto.output.map(({ name }) => this.resolve(name));
    if (this.outputs.length === 0) throw onnxInvalid(file, 'the graph has no output');
    this.connect();
  }

  /** The value itself behind nodes that only pass it on. */
  resolve(value: string): string {
    const passed: string[] = [];
    let source = value;
    for (;;) {
      const known = this.resolved.get(source);
      const node = this.producers.get(source);
      if (known === undefined && node && passes(node)) {
        passed.push(source);
        source = node.inputs[0] ?? '';
        continue;
      }
      const found = known ?? source;
      for (const name of passed) this.resolved.set(name, found);
      return found;
    }
  }

  /** The nodes on the way to the outputs that read a value, in the file's order. */
  users(value: string): readonly OnnxNode[] {
    return this.consumers.get(value) ?? [];
  }

  /** Values that a node reads as feature maps. */
  maps(node: OnnxNode): string[] {
    const count = JOINING.includes(node.operator) ? node.inputs.length : 1;
    return node.inputs.slice(0, count).map((value) => this.resolve(value));
  }

  hasInput(node: OnnxNode, index: number): boolean {
    return (node.inputs[index] ?? '') !== '';
  }

  /** A parameter as float32. */
  weights(node: OnnxNode, index: number): Tensor {
    return floatTensor(this.file, this.constant(node, index));
  }

  /** A parameter as integers. */
  integers(node: OnnxNode, index: number): number[] {
    return intValues(this.file, this.constant(node, index));
  }

  private constant(node: OnnxNode, index: number): TensorProto {
    const value = node.inputs[index] ?? '';
    const proto = this.constants.get(this.resolve(value));
    if (!proto) throw onnxValueNotConstant(this.file, node.label, value || `number ${index}`);
    return proto;
  }

  private define(node: OnnxNode): void {
    if (node.operator === 'Constant') {
      const value = constantOf(node);
      if (!value) throw onnxInvalid(this.file, `the Constant ${node.label} holds no tensor of numbers`);
      this.constants.set(node.output, value);
      return;
    }
    for (const output of node.outputs.filter((name) => name !== '')) {
      if (this.producers.has(output) || this.constants.has(output)) throw onnxDefinedTwice(this.file, output);
      this.producers.set(output, node);
    }
  }

  private requireSources(nodes: readonly OnnxNode[]): void {
    const given = new Set(this.inputs.map(({ name }) => name));
    for (const node of nodes) {
      const missing = node.inputs.find(
        (value) =>
          value !== '' && !given.has(value) && !this.constants.has(value) && !this.producers.has(value),
      );
      if (missing !== undefined) throw onnxValueMissing(this.file, node.label, missing);
    }
  }

  /** Takes away nodes whose inputs are all there until none is left; what stays is on a cycle or behind one. */
  private requireAcyclic(nodes: readonly OnnxNode[]): void {
    const waitsFor = new Map(
      nodes.map((node) => [node, new Set(node.inputs.flatMap((value) => this.producers.get(value) ?? []))]),
    );
    const followers = new Map<OnnxNode, OnnxNode[]>(nodes.map((node) => [node, []]));
    for (const [node, sources] of waitsFor) {
      for (const source of sources) followers.get(source)!.push(node);
    }
    const ready = nodes.filter((node) => waitsFor.get(node)!.size === 0);
    for (let node = ready.pop(); node; node = ready.pop()) {
      for (const follower of followers.get(node)!) {
        const sources = waitsFor.get(follower)!;
        sources.delete(node);
        if (sources.size === 0) ready.push(follower);
      }
      waitsFor.delete(node);
    }
    const [stuck] = waitsFor.keys();
    if (stuck) throw onnxCycle(this.file, stuck.label);
  }

  /**
   * Walks back from the outputs and notes who reads what. Only nodes on the way must have known operators:
   * what merely computes a shape for Reshape may be anything.
   */
  private connect(): void {
    const live = new Set<OnnxNode>();
    const pending = [...this.outputs];
    for (let value = pending.pop(); value !== undefined; value = pending.pop()) {
      const node = this.producers.get(value);
      if (!node || live.has(node)) continue;
      live.add(node);
      pending.push(...this.maps(node));
    }
    for (const node of new Set(this.producers.values())) {
      if (!live.has(node)) continue;
      if (!COMPUTING.includes(node.operator)) {
        const operator = node.operator === 'Cast' ? 'Cast to other than floats' : node.operator;
        throw onnxOperatorUnsupported(this.file, node.label, operator, SUPPORTED);
      }
      for (const value of new Set(this.maps(node))) {
        this.consumers.set(value, [...this.users(value), node]);
      }
    }
  }
}

/** Whether the first input is the output. Casts between floats are: their rounding is the exporter's. */
function passes(node: OnnxNode): boolean {
  if (node.operator === 'Cast') return [FLOAT32, FLOAT16, FLOAT64].includes(node.int('to', FLOAT32));
  return PASSING.includes(node.operator);
}
