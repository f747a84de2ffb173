/** Photographs on disk → the bytes at IMAGE_ADDR, prepared ahead of the engine that takes them. */
import type { DesignRecord } from '../gen/emit/design-record.ts';
import { findFetched } from '../gen/import/fetch/fetch.ts';
import { findSource } from '../gen/import/fetch/sources.ts';
import { listImages } from '../sim/image/folder.ts';
import { type ImageFit, prepareImage } from '../sim/image/prepare.ts';

/** The source whose photograph stands in when the user names none. */
const PHOTOGRAPH_SOURCE = 'squeezenet1.1';
/** Decoding runs in other threads; so many images ahead keep them and the engine busy. */
const AHEAD = 4;

export function imageFit({
  preprocess,
  network: {
    input: { height, width },
  },
}: Pick<DesignRecord, 'preprocess' | 'network'>): ImageFit {
  return { resize: preprocess.resize, height, width, gray: preprocess.order === 'gray' };
}

/** Prepares the files in order, a few ahead of the one that is taken. */
export async function* prepareAhead(files: readonly string[], fit: ImageFit): AsyncGenerator<Uint8Array> {
  const pending: Promise<Uint8Array>[] = [];
  const start = (file: string) => {
    const prepared = prepareImage(file, fit);
    // A failure is met when its turn comes, or never, if an earlier one ends the walk.
    prepared.catch(() => {});
    pending.push(prepared);
  };
  let next = 0;
  while (next < Math.min(AHEAD, files.length)) start(files[next++]);
  for (let taken = 0; taken < files.length; taken++) {
    const image = await pending.shift()!;
    if (next < files.length) start(files[next++]);
    yield image;
  }
}

/** The images of a folder, or the first `limit` of them. */
export async function imagesOf(folder: string, limit?: number): Promise<string[]> {
  const files = await listImages(folder);
  return limit === undefined ? files : files.slice(0, limit);
}

/** The photograph that came with a fetched network, if it is in the cache. */
export function fetchedPhotograph(): string | undefined {
  return findFetched(findSource(PHOTOGRAPH_SOURCE)!)?.photograph;
}
