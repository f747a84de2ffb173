import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { centreCrop } from '../../../sim/image/crop.ts';
import { decode } from '../../../sim/image/decode.ts';
import { prepareImage } from '../../../sim/image/prepare.ts';

const PHOTOGRAPH = '../shared/images/labelled/001b5e6f1b89fd3b.jpg';

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

describe.skipIf(!existsSync(PHOTOGRAPH))('a labelled photograph (skipped without ../shared/images)', () => {
  test('decodes to the bytes of libjpeg-turbo', async () => {
    const image = await decode(PHOTOGRAPH);
    expect([image.width, image.height]).toEqual([299, 299]);
    expect(sha256(image.data)).toBe('d42270a4ebfe9b0c68df15bdb24177de63c5b224df546431caaf72dbb79091bb');
  });

  test('is resized and cropped to the bytes of Pillow', async () => {
    const bytes = await prepareImage(PHOTOGRAPH, { resize: 256, height: 224, width: 224 });
    expect(sha256(bytes)).toBe('702097dae7bd9620c7bee8d08ef4e3558ed7af6da0e429dc34a09932628e7c20');
    expect([...bytes.subarray(0, 3)]).toEqual([27, 20, 18]);
    expect([...bytes.subarray((100 * 224 + 100) * 3).subarray(0, 3)]).toEqual([162, 168, 168]);
  });
});

describe('centreCrop', () => {
  /** Pixel (x, y) is (x, y, 0). */
  function coordinates(width: number, height: number) {
    const data = new Uint8Array(width * height * 3);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) data.set([x, y], (y * width + x) * 3);
    }
    return { width, height, data };
  }

  test('starts at the floor of half the margin', () => {
    const crop = centreCrop(coordinates(9, 6), 2, 4);
    expect([crop.width, crop.height]).toEqual([2, 4]);
    expect([...crop.data.subarray(0, 3)]).toEqual([3, 1, 0]);
    expect([...crop.data.subarray(-3)]).toEqual([4, 4, 0]);
  });

  test('refuses what is larger than the image', () => {
    expect(() => centreCrop(coordinates(9, 6), 9, 7)).toThrow(
      'error FF206: crop 9x7: it is larger than the resized image of 9x6 pixels\n' +
        '  Set "resize" of the pre-processing to at least the side of the network\'s input.',
    );
  });
});
