/** A node of an ONNX graph with its attributes by name. */
import type { AttributeProto, NodeProto, TensorProto } from './schema.ts';

export class OnnxNode {
  readonly operator: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Its name, or where it has none the value it defines. */
  readonly label: string;
  private readonly attributes: ReadonlyMap<string, AttributeProto>;

  constructor(proto: NodeProto) {
    const standard = proto.domain === '' || proto.domain === 'ai.onnx';
    this.operator = standard ? proto.opType : `${proto.domain}.${proto.opType}`;
    this.inputs = proto.input;
    this.outputs = proto.output;
    this.label = proto.name || (proto.output[0] ?? '');
    this.attributes = new Map(proto.attribute.map((attribute) => [attribute.name, attribute]));
  }

  /** The first output, which is the only one of interest. */
  get output(): string {
    return this.outputs[0] ?? '';
  }

  has(attribute: string): boolean {
    return this.attributes.has(attribute);
  }

  int(attribute: string, otherwise: number): number {
    return this.attributes.get(attribute)?.i ?? otherwise;
  }

  float(attribute: string, otherwise: number): number {
    return this.attributes.get(attribute)?.f ?? otherwise;
  }

  ints(attribute: string): readonly number[] | undefined {
    return this.attributes.get(attribute)?.ints;
  }

  text(attribute: string, otherwise: string): string {
    const value = this.attributes.get(attribute)?.s;
    return value ? new TextDecoder().decode(value) : otherwise;
  }

  tensor(attribute: string): TensorProto | undefined {
    return this.attributes.get(attribute)?.t ?? undefined;
  }
}
