/**
 * The part of ONNX's protobuf schema that describes a network for inference (onnx.proto; field numbers are
 * facts of the format), and the messages as TypeScript types.
 */
import protobuf from 'protobufjs/light.js';
import { onnxInvalid } from '../../diagnostics/model.ts';
import { decodeMessage, protobufProblem } from '../protobuf.ts';

/** 64-bit integers decode to numbers: dimensions and attributes never need more than 53 bits. */
type Int64 = number;

export interface TensorProto {
  readonly dims: readonly Int64[];
  readonly dataType: number;
  readonly name: string;
  readonly rawData: Uint8Array;
  readonly floatData: readonly number[];
  readonly int32Data: readonly number[];
  readonly int64Data: readonly Int64[];
  readonly dataLocation: number;
}

export interface AttributeProto {
  readonly name: string;
  readonly f: number;
  readonly i: Int64;
  readonly s: Uint8Array;
  readonly t?: TensorProto | null;
  readonly floats: readonly number[];
  readonly ints: readonly Int64[];
}

export interface NodeProto {
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly name: string;
  readonly opType: string;
  readonly domain: string;
  readonly attribute: readonly AttributeProto[];
}

export interface ValueInfoProto {
  readonly name: string;
  readonly type?: {
    readonly tensorType?: {
      readonly shape?: { readonly dim: readonly { readonly dimValue: Int64 }[] } | null;
    } | null;
  } | null;
}

export interface GraphProto {
  readonly node: readonly NodeProto[];
  readonly initializer: readonly TensorProto[];
  readonly input: readonly ValueInfoProto[];
  readonly output: readonly ValueInfoProto[];
}

const one = (type: string, id: number) => ({ type, id });
const many = (type: string, id: number) => ({ type, id, rule: 'repeated' as const });

const SCHEMA = protobuf.Root.fromJSON({
  nested: {
    Model: { fields: { irVersion: one('int64', 1), graph: one('Graph', 7) } },
    Graph: {
      fields: {
        node: many('Node', 1),
        initializer: many('Tensor', 5),
        input: many('ValueInfo', 11),
        output: many('ValueInfo', 12),
      },
    },
    Node: {
      fields: {
        input: many('string', 1),
        output: many('string', 2),
        name: one('string', 3),
        opType: one('string', 4),
        attribute: many('Attribute', 5),
        domain: one('string', 7),
      },
    },
    Attribute: {
      fields: {
        name: one('string', 1),
        f: one('float', 2),
        i: one('int64', 3),
        s: one('bytes', 4),
        t: one('Tensor', 5),
        floats: many('float', 7),
        ints: many('int64', 8),
      },
    },
    Tensor: {
      fields: {
        dims: many('int64', 1),
        dataType: one('int32', 2),
        floatData: many('float', 4),
        int32Data: many('int32', 5),
        int64Data: many('int64', 7),
        name: one('string', 8),
        rawData: one('bytes', 9),
        dataLocation: one('int32', 14),
      },
    },
    ValueInfo: { fields: { name: one('string', 1), type: one('Type', 2) } },
    Type: { fields: { tensorType: one('TensorType', 1) } },
    TensorType: { fields: { elemType: one('int32', 1), shape: one('Shape', 2) } },
    Shape: { fields: { dim: many('Dimension', 1) } },
    Dimension: { fields: { dimValue: one('int64', 1), dimParam: one('string', 2) } },
  },
});

/** The message type, which tests also use to write models. */
export const MODEL = SCHEMA.lookupType('Model');

/** SqueezeNet has about 250. */
const MAX_PARTS = 20_000;
const MAX_RANK = 8;

/** Decodes a file; `file` is its name in messages. */
export function decodeGraph(bytes: Uint8Array, file: string): GraphProto {
  let model: { graph?: GraphProto | null };
  try {
    model = MODEL.toObject(decodeMessage(MODEL, bytes), { longs: Number, defaults: true }) as typeof model;
  } catch (cause) {
    throw onnxInvalid(file, protobufProblem(cause));
  }
  if (!model.graph || model.graph.node.length === 0) throw onnxInvalid(file, 'it holds no graph');
  const { node, initializer } = model.graph;
  const parts = node.reduce(
    (sum, { input, output }) => sum + input.length + output.length,
    initializer.length,
  );
  if (parts > MAX_PARTS) throw onnxInvalid(file, `its graph has ${parts} connections and tensors`);
  if (initializer.some(({ dims }) => dims.length > MAX_RANK)) {
    throw onnxInvalid(file, `a tensor of it has more than ${MAX_RANK} dimensions`);
  }
  return model.graph;
}
