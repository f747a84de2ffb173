/** Members of a .tar.gz, read in process. */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import tar from 'tar-stream';
import { archiveDamaged, archiveMemberMissing } from '../../diagnostics/fetch.ts';
import { requireHash } from './digest.ts';
import type { Member } from './sources.ts';

/** The wanted members' bytes, in order, each checked against its hash. `archive` is the name in messages. */
export async function readMembers(
  bytes: Uint8Array,
  archive: string,
  wanted: readonly Member[],
): Promise<Uint8Array[]> {
  const found = await extract(bytes, archive, new Set(wanted.map((member) => member.path)));
  return wanted.map((member) => {
    const content = found.get(member.path);
    if (!content) throw archiveMemberMissing(archive, member.path);
    return requireHash(`${archive}, ${member.path}`, member.sha256, content);
  });
}

async function extract(
  bytes: Uint8Array,
  archive: string,
  paths: ReadonlySet<string>,
): Promise<Map<string, Uint8Array>> {
  const found = new Map<string, Uint8Array>();
  const entries = tar.extract();
  entries.on('entry', (header, stream, next) => {
    const chunks: Buffer[] = [];
    stream.on('data', (chunk) => {
      if (paths.has(header.name)) chunks.push(chunk as Buffer);
    });
    stream.on('end', () => {
      if (paths.has(header.name)) found.set(header.name, Buffer.concat(chunks));
      next();
    });
  });
  try {
    await pipeline(Readable.from([bytes]), createGunzip(), entries);
  } catch (cause) {
    throw archiveDamaged(archive, (cause as Error).message);
  }
  return found;
}
