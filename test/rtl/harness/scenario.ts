/** The bytes that pass between a bench and its driver (driver.cpp reads and writes the same). */
import { decodeValue, encodeValue, type Port, type Values } from './ports.ts';

const NONE = 0xffffffff;

/** Writes a scenario; ports are named, and a name that the module lacks is an error at once. */
export class ScenarioWriter {
  private readonly chunks: Uint8Array[] = [];
  private readonly ports: readonly Port[];
  private readonly indices: Map<string, number>;

  constructor(ports: readonly Port[]) {
    this.ports = ports;
    this.indices = new Map(ports.map((port, i) => [port.name, i]));
  }

  u32(...values: number[]): void {
    const chunk = new Uint8Array(4 * values.length);
    const view = new DataView(chunk.buffer);
    values.forEach((value, i) => {
      view.setUint32(4 * i, value, true);
    });
    this.chunks.push(chunk);
  }

  port(name: string | undefined): void {
    this.u32(name === undefined ? NONE : this.index(name));
  }

  portList(names: readonly string[]): void {
    this.u32(names.length, ...names.map((name) => this.index(name)));
  }

  /** One value a name; a value that is absent is taken from `resting`, or 0. */
  values(names: readonly string[], record: Values, resting: Values = {}): void {
    for (const name of Object.keys(record)) {
      if (!names.includes(name)) throw new Error(`port ${name} is not among ${names.join(', ')}`);
    }
    this.chunks.push(encodeRecord(this.select(names), record, resting));
  }

  select(names: readonly string[]): Port[] {
    return names.map((name) => this.ports[this.index(name)]);
  }

  bytes(): Uint8Array {
    return Buffer.concat(this.chunks);
  }

  private index(name: string): number {
    const index = this.indices.get(name);
    if (index === undefined) throw new Error(`the module has no port ${name}`);
    return index;
  }
}

export function encodeRecord(ports: readonly Port[], record: Values, resting: Values = {}): Uint8Array {
  const bytes = new Uint8Array(ports.reduce((sum, port) => sum + port.size, 0));
  let offset = 0;
  for (const port of ports) {
    encodeValue(port, record[port.name] ?? resting[port.name] ?? 0, bytes, offset);
    offset += port.size;
  }
  return bytes;
}

/** Reads what the driver wrote. */
export class ResultReader {
  private readonly bytes: Uint8Array;
  private at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  u32(): number {
    const view = new DataView(this.bytes.buffer, this.bytes.byteOffset + this.at, 4);
    this.at += 4;
    return view.getUint32(0, true);
  }

  record(ports: readonly Port[]): Record<string, bigint> {
    const record: Record<string, bigint> = {};
    for (const port of ports) {
      record[port.name] = decodeValue(port, this.bytes, this.at);
      this.at += port.size;
    }
    return record;
  }
}
