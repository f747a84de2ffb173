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

/** An archive that unpacks to more is not read to its end. */
const MAX_UNPACKED_BYTES = 2 ** 27;

/**
 * Everything stays in memory and is found by its exact path, so that a path that leads elsewhere or a link is
 * merely not the member that is looked for.
 */
async function extract(
  bytes: Uint8Array,
  archive: string,
  paths: ReadonlySet<string>,
): Promise<Map<string, Uint8Array>> {
  const found = new Map<string, Uint8Array>();
  const entries = tar.extract();
  entries.on('entry', ({ name, type }, stream, next) => {
    const isWanted = type === 'file' && paths.has(name);
    const chunks: Buffer[] = [];
    stream.on('data', (chunk) => {
      if (isWanted) chunks.push(chunk as Buffer);
    });
    // The archive's own stream says so too, where it is caught.
    stream.on('error', () => {});
    stream.on('end', () => {
      if (isWanted) found.set(name, Buffer.concat(chunks));
      next();
    });
  });
  try {
    await pipeline(Readable.from([bytes]), createGunzip(), limitBytes, entries);
  } catch (cause) {
    throw archiveDamaged(archive, (cause as Error).message);
  }
  return found;
}

async function* limitBytes(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let total = 0;
  for await (const chunk of chunks) {
    total += chunk.byteLength;
    if (total > MAX_UNPACKED_BYTES) throw new Error(`it unpacks to more than ${MAX_UNPACKED_BYTES} bytes`);
    yield chunk;
  }
}
