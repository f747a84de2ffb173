/** IEEE 754 half precision, as model files store it. */

function decodeHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}

let table: Float32Array | undefined;

/** The float32 value of 16 bits; exact, as every half is a float32. NaN and infinities stay what they are. */
export function halfToFloat(bits: number): number {
  table ??= Float32Array.from({ length: 65536 }, (_, half) => decodeHalf(half));
  return table[bits];
}
