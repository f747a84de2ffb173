/** Puts an ONNX graph together, node by node. Every node has one output, which bears the node's name. */
import {
  ATTRIBUTE_TYPES,
  ELEMENT_TYPES,
  type ElementType,
  encodeModel,
  type OnnxAttribute,
  type OnnxNode,
  type OnnxTensor,
  type OnnxValueInfo,
} from './messages.ts';

/** Relu on int32 needs operator set 14; IR 8 goes with 15 to 18 and is read by every runtime since 2021. */
const OPERATOR_SET = 17;
const IR_VERSION = 8;

/** Elements of an initializer, in the array type of its element type. */
interface ElementArrays {
  float32: Float32Array;
  uint8: Uint8Array;
  int8: Int8Array;
  int32: Int32Array;
  int64: BigInt64Array;
  uint64: BigUint64Array;
}

export type Attributes = Readonly<Record<string, number | string | readonly number[]>>;

export class GraphBuilder {
  readonly #nodes: OnnxNode[] = [];
  readonly #initializers: OnnxTensor[] = [];
  readonly #inputs: OnnxValueInfo[] = [];
  readonly #outputs: OnnxValueInfo[] = [];

  /** Appends an operator and returns its output's name, which is `name`. */
  node(opType: string, name: string, input: readonly string[], attributes: Attributes = {}): string {
    this.#nodes.push({
      input,
      output: [name],
      name,
      opType,
      attribute: Object.entries(attributes).map(([key, value]) => encodeAttribute(key, value)),
    });
    return name;
  }

  /** Appends a conversion to another element type. */
  cast(name: string, input: string, type: ElementType): string {
    return this.node('Cast', name, [input], { to: ELEMENT_TYPES[type] });
  }

  /** Adds a constant tensor and returns its name. */
  initializer<T extends ElementType>(
    name: string,
    type: T,
    dims: readonly number[],
    { buffer, byteOffset, byteLength }: ElementArrays[T],
  ): string {
    const rawData = new Uint8Array(buffer, byteOffset, byteLength);
    this.#initializers.push({ dims, dataType: ELEMENT_TYPES[type], name, rawData });
    return name;
  }

  input(name: string, type: ElementType, dims: readonly number[]): string {
    this.#inputs.push(valueInfo(name, type, dims));
    return name;
  }

  /** Makes the tensor of this name an output of the graph. */
  output(name: string, type: ElementType, dims: readonly number[]): void {
    this.#outputs.push(valueInfo(name, type, dims));
  }

  /** The ONNX file: `description` says what the graph computes, `metadata` is for whoever reads the file. */
  encode(name: string, description: string, metadata: Readonly<Record<string, string>> = {}): Uint8Array {
    return encodeModel({
      irVersion: IR_VERSION,
      producerName: 'fireforge',
      graph: {
        node: this.#nodes,
        name,
        initializer: this.#initializers,
        docString: description,
        input: this.#inputs,
        output: this.#outputs,
      },
      opsetImport: [{ domain: '', version: OPERATOR_SET }],
      metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
    });
  }
}

function valueInfo(name: string, type: ElementType, dims: readonly number[]): OnnxValueInfo {
  const shape = { dim: dims.map((dimValue) => ({ dimValue })) };
  return { name, type: { tensorType: { elemType: ELEMENT_TYPES[type], shape } } };
}

function encodeAttribute(name: string, value: Attributes[string]): OnnxAttribute {
  if (typeof value === 'number') return { name, i: value, type: ATTRIBUTE_TYPES.int };
  if (typeof value === 'string') return { name, s: Buffer.from(value), type: ATTRIBUTE_TYPES.string };
  return { name, ints: value, type: ATTRIBUTE_TYPES.ints };
}
