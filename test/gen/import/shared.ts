/** Trained networks from beside the repository; tests that need them are skipped where they are absent. */
import { existsSync } from 'node:fs';
import path from 'node:path';

export function sharedModel(name: string): string {
  return path.resolve('..', 'shared', 'models', name);
}

export function hasShared(name: string): boolean {
  return existsSync(sharedModel(name));
}
