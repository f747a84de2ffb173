import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { grayPixels } from '../../../sim/image/gray.ts';
import { prepareImage } from '../../../sim/image/prepare.ts';
import { resizeBilinear } from '../../../sim/image/resize.ts';
import { synthesizeImages } from '../../../sim/image/synthetic.ts';

test('gray is the luma of ITU-R 601, rounded, in all three channels', () => {
  const colors = [
    [0, 0, 0],
    [255, 255, 255],
    [255, 0, 0],
    [0, 255, 0],
    [0, 0, 255],
    [10, 200, 77],
  ];
  const luma = colors.map(([r, g, b]) => Math.round(0.299 * r + 0.587 * g + 0.114 * b));
  expect(luma).toEqual([0, 255, 76, 150, 29, 129]);
  expect([...grayPixels(Uint8Array.from(colors.flat()))]).toEqual(luma.flatMap((y) => [y, y, y]));
  // A pixel that is gray stays what it is.
  const ramp = Uint8Array.from({ length: 768 }, (_, i) => Math.floor(i / 3));
  expect(grayPixels(ramp)).toEqual(ramp);
});

test('a photograph for a gray network is made gray before it is resized', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'fireforge-gray-'));
  try {
    const [data] = synthesizeImages(1, 3, 40, 40);
    const file = path.join(folder, 'photo.png');
    await sharp(data, { raw: { height: 40, width: 40, channels: 3 } })
      .png()
      .toFile(file);
    const prepared = await prepareImage(file, { resize: 24, height: 24, width: 24, gray: true });
    const gray = resizeBilinear({ height: 40, width: 40, data: grayPixels(data) }, 24, 24);
    expect(prepared).toEqual(gray.data);
    expect(await prepareImage(file, { resize: 24, height: 24, width: 24 })).not.toEqual(gray.data);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
