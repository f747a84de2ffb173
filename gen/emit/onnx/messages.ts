/**
 * The messages of an ONNX file, as far as this compiler writes them (onnx/onnx.proto; field numbers are
 * the format's, field names are ours in camel case).
 */
import protobuf from 'protobufjs/light.js';

/** Bytes of tensors, by the numbers of TensorProto.DataType. */
export const ELEMENT_TYPES = { float32: 1, uint8: 2, int8: 3, int32: 6, int64: 7, uint64: 13 } as const;

export type ElementType = keyof typeof ELEMENT_TYPES;

/** Numbers of AttributeProto.AttributeType. */
export const ATTRIBUTE_TYPES = { int: 2, string: 3, ints: 7 } as const;

export interface OnnxAttribute {
  readonly name: string;
  readonly i?: number;
  readonly s?: Uint8Array;
  readonly ints?: readonly number[];
  readonly type: number;
}

export interface OnnxNode {
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly name: string;
  readonly opType: string;
  readonly attribute: readonly OnnxAttribute[];
}

export interface OnnxTensor {
  readonly dims: readonly number[];
  readonly dataType: number;
  readonly name: string;
  /** Little endian. */
  readonly rawData: Uint8Array;
}

export interface OnnxValueInfo {
  readonly name: string;
  readonly type: {
    readonly tensorType: {
      readonly elemType: number;
      readonly shape: { readonly dim: readonly { readonly dimValue: number }[] };
    };
  };
}

export interface OnnxModel {
  readonly irVersion: number;
  readonly producerName: string;
  readonly graph: {
    readonly node: readonly OnnxNode[];
    readonly name: string;
    readonly initializer: readonly OnnxTensor[];
    readonly docString: string;
    readonly input: readonly OnnxValueInfo[];
    readonly output: readonly OnnxValueInfo[];
  };
  readonly opsetImport: readonly { readonly domain: string; readonly version: number }[];
  readonly metadataProps: readonly { readonly key: string; readonly value: string }[];
}

const repeated = 'repeated';

const root = protobuf.Root.fromJSON({
  nested: {
    Model: {
      fields: {
        irVersion: { id: 1, type: 'int64' },
        producerName: { id: 2, type: 'string' },
        graph: { id: 7, type: 'Graph' },
        opsetImport: { id: 8, type: 'OperatorSet', rule: repeated },
        metadataProps: { id: 14, type: 'StringEntry', rule: repeated },
      },
    },
    Graph: {
      fields: {
        node: { id: 1, type: 'Node', rule: repeated },
        name: { id: 2, type: 'string' },
        initializer: { id: 5, type: 'Tensor', rule: repeated },
        docString: { id: 10, type: 'string' },
        input: { id: 11, type: 'ValueInfo', rule: repeated },
        output: { id: 12, type: 'ValueInfo', rule: repeated },
      },
    },
    Node: {
      fields: {
        input: { id: 1, type: 'string', rule: repeated },
        output: { id: 2, type: 'string', rule: repeated },
        name: { id: 3, type: 'string' },
        opType: { id: 4, type: 'string' },
        attribute: { id: 5, type: 'Attribute', rule: repeated },
      },
    },
    Attribute: {
      fields: {
        name: { id: 1, type: 'string' },
        i: { id: 3, type: 'int64' },
        s: { id: 4, type: 'bytes' },
        ints: { id: 8, type: 'int64', rule: repeated },
        type: { id: 20, type: 'int32' },
      },
    },
    Tensor: {
      fields: {
        dims: { id: 1, type: 'int64', rule: repeated },
        dataType: { id: 2, type: 'int32' },
        name: { id: 8, type: 'string' },
        rawData: { id: 9, type: 'bytes' },
      },
    },
    ValueInfo: { fields: { name: { id: 1, type: 'string' }, type: { id: 2, type: 'ValueType' } } },
    ValueType: { fields: { tensorType: { id: 1, type: 'TensorType' } } },
    TensorType: { fields: { elemType: { id: 1, type: 'int32' }, shape: { id: 2, type: 'Shape' } } },
    Shape: { fields: { dim: { id: 1, type: 'Dimension', rule: repeated } } },
    Dimension: { fields: { dimValue: { id: 1, type: 'int64' } } },
    OperatorSet: { fields: { domain: { id: 1, type: 'string' }, version: { id: 2, type: 'int64' } } },
    StringEntry: { fields: { key: { id: 1, type: 'string' }, value: { id: 2, type: 'string' } } },
  },
});

const modelType = root.lookupType('Model');

/** The bytes of an ONNX file. The same model gives the same bytes. */
export function encodeModel(model: OnnxModel): Uint8Array {
  return modelType.encode(model).finish();
}
