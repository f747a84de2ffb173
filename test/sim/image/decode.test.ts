import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decode } from '../../../sim/image/decode.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fireforge-decode-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function put(name: string, bytes: Uint8Array): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, bytes);
  return file;
}

/** A one-row image of raw samples. */
function row(samples: Uint8Array | Uint16Array, channels: 1 | 2 | 3 | 4) {
  return sharp(samples, { raw: { width: samples.length / channels, height: 1, channels } });
}

/** A grey JPEG, 16 wide and 8 high. */
function flatJpeg() {
  return sharp(new Uint8Array(16 * 8 * 3).fill(200), { raw: { width: 16, height: 8, channels: 3 } });
}

describe('decode', () => {
  test('RGB stays as it is', async () => {
    const file = await put(
      'rgb.png',
      await row(Uint8Array.of(10, 20, 30, 40, 50, 60), 3)
        .png()
        .toBuffer(),
    );
    expect(await decode(file)).toMatchObject({ width: 2, height: 1 });
    expect([...(await decode(file)).data]).toEqual([10, 20, 30, 40, 50, 60]);
  });

  test('grey is repeated in three channels', async () => {
    const grey = await row(Uint8Array.of(1, 250), 1).toColourspace('b-w').png().toBuffer();
    expect([...(await decode(await put('grey.png', grey))).data]).toEqual([1, 1, 1, 250, 250, 250]);
  });

  test('alpha is dropped without blending', async () => {
    const rgba = await row(Uint8Array.of(10, 20, 30, 0, 40, 50, 60, 128), 4)
      .png()
      .toBuffer();
    expect([...(await decode(await put('rgba.png', rgba))).data]).toEqual([10, 20, 30, 40, 50, 60]);
  });

  test('16-bit samples keep their high byte', async () => {
    const rgb = await row(Uint16Array.of(0x1234, 0x80ff, 0xffff), 3)
      .toColourspace('rgb16')
      .png()
      .toBuffer();
    expect([...(await decode(await put('rgb16.png', rgb))).data]).toEqual([0x12, 0x80, 0xff]);
    const grey = await row(Uint16Array.of(0x1234), 1).toColourspace('grey16').png().toBuffer();
    expect([...(await decode(await put('grey16.png', grey))).data]).toEqual([0x12, 0x12, 0x12]);
  });

  test('CMYK becomes RGB', async () => {
    const { data } = await decode(
      await put('cmyk.jpg', await flatJpeg().toColourspace('cmyk').jpeg().toBuffer()),
    );
    expect(data.length).toBe(16 * 8 * 3);
    for (const sample of data) expect(Math.abs(sample - 200)).toBeLessThan(16);
  });

  test('an EXIF orientation is not applied', async () => {
    const turned = await flatJpeg().withMetadata({ orientation: 6 }).jpeg().toBuffer();
    expect(await decode(await put('exif.jpg', turned))).toMatchObject({ width: 16, height: 8 });
  });
});

describe('decode refuses', () => {
  test('a missing file', async () => {
    const error = await decode('no/such.jpg').catch((e) => e);
    expect(error.message).toBe(
      'error FF201: no/such.jpg: the image cannot be read (ENOENT)\n' +
        '  Check the path and the permissions of the file.',
    );
  });

  test('a file of another kind', async () => {
    const error = await decode('package.json').catch((e) => e);
    expect(error.message).toBe(
      'error FF202: package.json: the file is neither a JPEG nor a PNG image (its first bytes say so)\n' +
        '  Give a .jpg or .png photograph; convert other formats first.',
    );
  });

  test.each([
    ['jpeg', 260],
    ['jpeg', 20],
    ['png', 60],
  ] as const)('a truncated .%s of %i bytes', async (format, bytes) => {
    const whole = await flatJpeg().toFormat(format).toBuffer();
    expect(whole.length).toBeGreaterThan(bytes);
    const error = await decode(await put(`cut.${format}`, whole.subarray(0, bytes))).catch((e) => e);
    expect(error.name).toBe('FireforgeError');
    expect(error.diagnostic.code).toBe('FF203');
    expect(error.diagnostic.reason).toMatch(/^the image is truncated or damaged \([^\n]+\)$/);
  });
});
