/** Writes safetensors files for tests. */
export interface TestTensor {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

export function f32(name: string, shape: readonly number[], values: ArrayLike<number>): TestTensor {
  return { name, dtype: 'F32', shape, bytes: new Uint8Array(Float32Array.from(values).buffer) };
}

export function writeSafetensors(tensors: readonly TestTensor[]): Uint8Array {
  let offset = 0;
  const entries = tensors.map(({ name, dtype, shape, bytes }) => {
    const data_offsets = [offset, offset + bytes.byteLength];
    offset += bytes.byteLength;
    return [name, { dtype, shape, data_offsets }];
  });
  return assemble(
    JSON.stringify({ __metadata__: { format: 'pt' }, ...Object.fromEntries(entries) }),
    Buffer.concat(tensors.map(({ bytes }) => bytes)),
  );
}

/** A file with this very header. */
export function assemble(header: string, data: Uint8Array): Uint8Array {
  const text = Buffer.from(header);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.byteLength));
  return Buffer.concat([length, text, data]);
}
