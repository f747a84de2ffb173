import { readdir } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { imageFolderEmpty, imageFolderUnreadable } from '../../gen/diagnostics/image.ts';

const IMAGE_EXTENSIONS = new Set(['.jpg', '.jpeg', '.png']);

/**
 * Paths of the images directly in a folder, sorted by the code units of their names (the same on every machine).
 *
 * @throws FireforgeError FF204 if the folder cannot be read, FF205 if it holds no image.
 */
export async function listImages(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    throw imageFolderUnreadable(folder, error.code ?? error.message);
  });
  const images = names.filter((name) => IMAGE_EXTENSIONS.has(extname(name).toLowerCase())).sort();
  if (images.length === 0) throw imageFolderEmpty(folder);
  return images.map((name) => join(folder, name));
}
