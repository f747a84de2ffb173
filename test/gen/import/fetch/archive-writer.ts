/** Writes .tar.gz archives for tests. */
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import tar from 'tar-stream';

export async function writeArchive(files: Readonly<Record<string, string | Uint8Array>>): Promise<Buffer> {
  const pack = tar.pack();
  for (const [name, content] of Object.entries(files)) pack.entry({ name }, Buffer.from(content));
  pack.finalize();
  return gzipSync(await buffer(pack));
}
