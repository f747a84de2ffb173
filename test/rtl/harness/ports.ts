/** Ports of a verilated module, and the bytes of their values in Verilator's variables. */

export interface Port {
  readonly name: string;
  readonly direction: 'in' | 'out';
  /** Bits. */
  readonly width: number;
  /** Bytes of Verilator's variable: 1, 2, 4, 8 or a multiple of 4. */
  readonly size: number;
}

/** Values by port name; what a bench records is always bigint. */
export type Values = Readonly<Record<string, number | bigint>>;

/** Reads the port macros of the header that Verilator writes, such as `VL_INW(&data_i,127,0,4);`. */
export function parsePorts(header: string): Port[] {
  const ports: Port[] = [];
  const macro = /VL_(IN|OUT)(8|16|64|W|)\(&?(\w+),(\d+),(\d+)(?:,(\d+))?\)/g;
  for (const [, direction, kind, name, high, low, words] of header.matchAll(macro)) {
    const size = kind === 'W' ? 4 * Number(words) : kind === '' ? 4 : Number(kind) / 8;
    ports.push({
      name,
      direction: direction === 'IN' ? 'in' : 'out',
      width: Number(high) - Number(low) + 1,
      size,
    });
  }
  return ports;
}

/** Little-endian bytes of the value's low `port.width` bits; negative values are two's complement. */
export function encodeValue(port: Port, value: number | bigint, into: Uint8Array, offset: number): void {
  let rest = BigInt.asUintN(port.width, BigInt(value));
  if (port.size <= 4) {
    let small = Number(rest);
    for (let i = 0; i < port.size; i++, small >>>= 8) into[offset + i] = small & 0xff;
    return;
  }
  const view = new DataView(into.buffer, into.byteOffset + offset, port.size);
  for (let i = 0; i < port.size; i += 4, rest >>= 32n) view.setUint32(i, Number(rest & 0xffffffffn), true);
}

/** The inverse of `encodeValue`, unsigned. */
export function decodeValue(port: Port, from: Uint8Array, offset: number): bigint {
  if (port.size <= 4) {
    let small = 0;
    for (let i = port.size - 1; i >= 0; i--) small = small * 256 + from[offset + i];
    return BigInt(small);
  }
  return fromBytes(from.subarray(offset, offset + port.size));
}

/** Fields side by side, `[value, bits]` each, the first on top as in Verilog's {a, b}. */
export function concat(...fields: readonly (readonly [number | bigint | boolean, number])[]): bigint {
  return fields.reduce(
    (joined, [value, bits]) => (joined << BigInt(bits)) | BigInt.asUintN(bits, BigInt(value)),
    0n,
  );
}

/** Little-endian bytes as one number. */
export function fromBytes(bytes: Uint8Array): bigint {
  let hex = '';
  for (let i = bytes.length - 1; i >= 0; i--) hex += bytes[i].toString(16).padStart(2, '0');
  return BigInt(`0x0${hex}`);
}

/** The low `count` bytes of the number, little endian. */
export function toBytes(value: bigint, count: number): Uint8Array {
  const bytes = new Uint8Array(count);
  const hex = BigInt.asUintN(8 * count, value)
    .toString(16)
    .padStart(2 * count, '0');
  for (let i = 0; i < count; i++) bytes[count - 1 - i] = Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}
