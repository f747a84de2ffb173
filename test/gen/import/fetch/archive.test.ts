import { describe, expect, it } from 'vitest';
import { readMembers } from '../../../../gen/import/fetch/archive.ts';
import { sha256 } from '../../../../gen/import/fetch/digest.ts';
import { diagnosticOf } from '../errors.ts';
import { writeArchive } from './archive-writer.ts';

const member = (path: string, content: string) => ({ path, sha256: sha256(Buffer.from(content)) });

describe('readMembers', () => {
  it('reads the wanted members and no others', async () => {
    const archive = await writeArchive({ 'p/a': 'first', 'p/b': 'second', 'p/c': 'x'.repeat(100_000) });
    const [c, a] = await readMembers(archive, 'p', [
      member('p/c', 'x'.repeat(100_000)),
      member('p/a', 'first'),
    ]);
    expect(c.byteLength).toBe(100_000);
    expect(Buffer.from(a).toString()).toBe('first');
  });

  it('refuses a wrong hash, a missing member and a damaged archive', async () => {
    const archive = await writeArchive({ 'p/a': 'first' });
    const read = (bytes: Uint8Array, path: string, content: string) =>
      diagnosticOf(() => readMembers(bytes, 'p.tar.gz', [member(path, content)]));
    expect(await read(archive, 'p/a', 'other')).toMatchObject({ code: 'FF904', subject: 'p.tar.gz, p/a' });
    expect(await read(archive, 'p/z', 'other')).toMatchObject({
      code: 'FF905',
      reason: 'it does not contain p/z',
    });
    expect(await read(archive.subarray(0, 40), 'p/a', 'first')).toMatchObject({ code: 'FF906' });
  });
});
