/** Where built models stay between runs. */
import { mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { simulationCacheNotWritable } from '../../gen/diagnostics/simulation.ts';

/** The user's cache folder for Verilated models. */
export function modelCache(): string {
  const root = process.env.XDG_CACHE_HOME || path.join(homedir(), '.cache');
  return path.join(root, 'fireforge', 'verilated');
}

/**
 * The folder `key` of the cache; if there is none, `make` fills a temporary one, which takes its place only
 * when it is complete. Throws FF704 when the cache cannot be written.
 */
export async function cachedFolder(key: string, make: (folder: string) => Promise<void>): Promise<string> {
  const cache = modelCache();
  const folder = path.join(cache, key);
  if (await exists(folder)) return folder;
  const temporary = await createTemporary(cache, key);
  try {
    await make(temporary);
    await rename(temporary, folder).catch(async (error) => {
      // Somebody else built the same model meanwhile.
      if (!(await exists(folder))) throw error;
    });
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
  return folder;
}

async function createTemporary(cache: string, key: string): Promise<string> {
  try {
    await mkdir(cache, { recursive: true });
    return await mkdtemp(path.join(cache, `${key.slice(0, 8)}-`));
  } catch (error) {
    throw simulationCacheNotWritable(cache, (error as NodeJS.ErrnoException).code ?? String(error));
  }
}

async function exists(folder: string): Promise<boolean> {
  return stat(folder).then(
    () => true,
    () => false,
  );
}
