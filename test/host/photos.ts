/** Seeded pictures as PNG files. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { synthesizeImages } from '../../sim/image/synthetic.ts';

/** Writes `count` pictures into `folder`, which is made; returns their paths. */
export async function writePhotos(folder: string, count: number): Promise<string[]> {
  const { default: sharp } = await import('sharp');
  const raw = { width: 60, height: 70, channels: 3 } as const;
  mkdirSync(folder);
  const files: string[] = [];
  for (const [index, data] of synthesizeImages(count, 8, raw.height, raw.width).entries()) {
    const file = path.join(folder, `${index}.png`);
    await sharp(data, { raw }).png().toFile(file);
    files.push(file);
  }
  return files;
}
