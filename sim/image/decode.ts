/**
 * Decodes a JPEG or PNG file to 8-bit RGB, the way of `Image.open(file).convert('RGB')` in Pillow: grey is
 * repeated in the three channels, an alpha channel is dropped without blending, 16-bit samples keep their
 * high byte, an embedded colour profile is ignored, and an EXIF orientation is not applied. Two things
 * differ: 16-bit grey is scaled like any other (Pillow clips it), and CMYK goes through a colour profile.
 */
import { imageDamaged, imageUnreadable, notAnImage } from '../../gen/diagnostics/image.ts';
import { MAX_IMAGE_BYTES, readRegularFile } from '../../gen/read-file.ts';
import type { RgbImage } from './rgb-image.ts';

/** A small file can say that it has any number of pixels, and each takes memory and time. */
const MAX_PIXELS = 2 ** 26;
const LIMITS = { limitInputPixels: MAX_PIXELS };

const SIGNATURES = [Buffer.from([0xff, 0xd8, 0xff]), Buffer.from([0x89, 0x50, 0x4e, 0x47])];

/** @throws FireforgeError FF201 unreadable, FF202 neither JPEG nor PNG, FF203 truncated or damaged. */
export async function decode(file: string): Promise<RgbImage> {
  const bytes = readImage(file);
  // Told by the first bytes, so that the answer comes at once: the codec library takes a while to load.
  const known = SIGNATURES.some((signature) => bytes.subarray(0, signature.length).equals(signature));
  if (!known) throw notAnImage(file);
  const { default: sharp } = await import('sharp');
  try {
    const { data, info } = await sharp(bytes, { ...LIMITS, failOn: 'error', ignoreIcc: true })
      .toColourspace('srgb')
      .removeAlpha()
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    return { width: info.width, height: info.height, data };
  } catch (error) {
    throw imageDamaged(file, firstLine(error));
  }
}

function readImage(file: string): Buffer {
  try {
    return readRegularFile(file, MAX_IMAGE_BYTES);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw imageUnreadable(file, code ?? message);
  }
}

function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.trim().split('\n')[0]!;
}
