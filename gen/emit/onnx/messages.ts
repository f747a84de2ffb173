/**
 * The messages of an ONNX file, as far as this compiler writes them (onnx/onnx.proto; field numbers are
 * the format's, and field names are its own, in camel case here).
 */
import protobuf from 'protobufjs';

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

const SCHEMA = `
syntax = "proto2";
message Model {
  optional int64 ir_version = 1;
  optional string producer_name = 2;
  optional Graph graph = 7;
  repeated OperatorSet opset_import = 8;
  repeated StringEntry metadata_props = 14;
}
message Graph {
  repeated Node node = 1;
  optional string name = 2;
  repeated Tensor initializer = 5;
  optional string doc_string = 10;
  repeated ValueInfo input = 11;
  repeated ValueInfo output = 12;
}
message Node {
  repeated string input = 1;
  repeated string output = 2;
  optional string name = 3;
  optional string op_type = 4;
  repeated Attribute attribute = 5;
}
message Attribute {
  optional string name = 1;
  optional int64 i = 3;
  optional bytes s = 4;
  repeated int64 ints = 8;
  optional int32 type = 20;
}
message Tensor {
  repeated int64 dims = 1;
  optional int32 data_type = 2;
  optional string name = 8;
  optional bytes raw_data = 9;
}
message ValueInfo { optional string name = 1; optional ValueType type = 2; }
message ValueType { optional TensorType tensor_type = 1; }
message TensorType { optional int32 elem_type = 1; optional Shape shape = 2; }
message Shape { repeated Dimension dim = 1; }
message Dimension { optional int64 dim_value = 1; }
message OperatorSet { optional string domain = 1; optional int64 version = 2; }
message StringEntry { optional string key = 1; optional string value = 2; }
`;

const modelType = protobuf.parse(SCHEMA).root.lookupType('Model');

/** The bytes of an ONNX file. The same model gives the same bytes. */
export function encodeModel(model: OnnxModel): Uint8Array {
  return modelType.encode(model).finish();
}
