import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { resizeBilinear } from '../../../sim/image/resize.ts';

/** An image without symmetry: byte i is ((31 i² + 7 i) / 11) mod 256. */
function pattern(width: number, height: number) {
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) =>
    Math.floor((i * i * 31 + i * 7) / 11),
  );
  return { width, height, data };
}

function sides(text: string): [number, number] {
  const [width, height] = text.split('x').map(Number);
  return [width!, height!];
}

describe('resizeBilinear', () => {
  // SHA-256 (first 16 digits) of the bytes of Pillow 11.3.0's Image.resize(size, Image.BILINEAR) on `pattern`.
  test.each([
    ['37x53', '24x24', 'af3eaf9befc518b0'],
    ['24x17', '40x61', '65faa9b0f61ad434'],
    ['50x20', '50x9', '8952d98bb389e84a'],
    ['20x50', '9x50', 'aaf64e5d65d5b8d4'],
    ['1x1', '3x2', 'ea3cc5b1813fc154'],
    ['90x7', '1x7', '99d0face6a73bb8c'],
  ])('%s to %s gives the bytes of Pillow', (from, to, digest) => {
    const resized = resizeBilinear(pattern(...sides(from)), ...sides(to));
    expect([resized.width, resized.height]).toEqual(sides(to));
    expect(createHash('sha256').update(resized.data).digest('hex').slice(0, 16)).toBe(digest);
  });

  test('an image of the wanted size is left as it is', () => {
    const image = pattern(12, 9);
    expect(resizeBilinear(image, 12, 9)).toBe(image);
  });
});
