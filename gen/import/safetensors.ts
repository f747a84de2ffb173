/**
 * Safetensors: an 8-byte little-endian header length, a JSON header of dtype, shape and byte range per
 * tensor, then the data. Everything is checked before a value is read.
 */
import { dtypeUnsupported, safetensorsInvalid } from '../diagnostics/model.ts';
import { parseJson } from '../parse-json.ts';
import { elementCount, float16FromBytes, float32FromBytes, requireFinite, type Tensor } from './tensor.ts';

/** The format allows 100 MB; a network of this family has some kilobytes. */
const MAX_HEADER_BYTES = 2 ** 22;

const READERS: Readonly<Record<string, { bytes: number; read: (bytes: Uint8Array) => Float32Array }>> = {
  F32: { bytes: 4, read: float32FromBytes },
  F16: { bytes: 2, read: float16FromBytes },
};

interface Entry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

/** Reads every tensor of a file. `file` is its name in messages. */
export function readSafetensors(bytes: Uint8Array, file: string): Map<string, Tensor> {
  const { header, data } = splitHeader(bytes, file);
  const entries = Object.entries(header)
    .filter(([name]) => name !== '__metadata__')
    .map(([name, value]) => [name, parseEntry(name, value, data.byteLength, file)] as const);
  refuseOverlap(entries, file);
  return new Map(
    entries.map(([name, { dtype, shape, begin, end }]) => {
      const values = READERS[dtype].read(data.subarray(begin, end));
      return [name, requireFinite(file, { name, shape, values })];
    }),
  );
}

function splitHeader(bytes: Uint8Array, file: string): { header: Record<string, unknown>; data: Uint8Array } {
  if (bytes.byteLength < 8)
    throw safetensorsInvalid(file, 'it is shorter than the 8 bytes of a header length');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = Number(view.getBigUint64(0, true));
  if (length > MAX_HEADER_BYTES) throw safetensorsInvalid(file, `its header would be ${length} bytes long`);
  if (8 + length > bytes.byteLength) {
    throw safetensorsInvalid(file, `its header ends at byte ${8 + length}, the file at ${bytes.byteLength}`);
  }
  let header: unknown;
  try {
    header = parseJson(new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(8, 8 + length)));
  } catch {
    throw safetensorsInvalid(file, 'its header is not JSON');
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header)) {
    throw safetensorsInvalid(file, 'its header is not a JSON object');
  }
  return { header: header as Record<string, unknown>, data: bytes.subarray(8 + length) };
}

const isSize = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

function parseEntry(name: string, value: unknown, dataLength: number, file: string): Entry {
  const refuse = (reason: string) => safetensorsInvalid(file, `tensor ${name} ${reason}`);
  const { dtype, shape, data_offsets: offsets } = (value ?? {}) as Record<string, unknown>;
  if (typeof dtype !== 'string') throw refuse('has no dtype');
  if (!Array.isArray(shape) || !shape.every(isSize)) throw refuse('has no shape of whole numbers');
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isSize)) {
    throw refuse('has no pair of data offsets');
  }
  const [begin, end] = offsets;
  if (begin > end || end > dataLength) {
    throw refuse(
      `lies at bytes ${begin} to ${end} of ${dataLength}: the file is truncated or its header wrong`,
    );
  }
  if (!Object.hasOwn(READERS, dtype)) throw dtypeUnsupported(file, name, dtype);
  const needed = elementCount(shape) * READERS[dtype].bytes;
  if (needed !== end - begin) {
    throw refuse(`of shape ${shape.join('x')} needs ${needed} bytes, but ${end - begin} are given`);
  }
  return { dtype, shape, begin, end };
}

function refuseOverlap(entries: readonly (readonly [string, Entry])[], file: string): void {
  const inOrder = entries
    .filter(([, entry]) => entry.end > entry.begin)
    .sort((a, b) => a[1].begin - b[1].begin);
  for (let i = 1; i < inOrder.length; i++) {
    const [before, after] = [inOrder[i - 1], inOrder[i]];
    if (after[1].begin < before[1].end) {
      throw safetensorsInvalid(file, `the data of tensors ${before[0]} and ${after[0]} overlap`);
    }
  }
}
