import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sha256 } from '../../../../gen/import/fetch/digest.ts';
import { downloadArchive } from '../../../../gen/import/fetch/pip.ts';
import { diagnosticOf } from '../errors.ts';
import { writeArchive } from './archive-writer.ts';

const hasPip = spawnSync('python3', ['-m', 'pip', '--version']).status === 0;

describe.skipIf(!hasPip)('downloadArchive (needs python3 -m pip)', () => {
  let folder: string;
  let marker: string;
  let shelf: string;
  const scratch = (name: string) => {
    const made = path.join(folder, name);
    mkdirSync(made);
    return made;
  };
  const offline = () => ['--no-index', '--find-links', shelf];
  const metadata = (name: string) => `Metadata-Version: 1.0\nName: ${name}\nVersion: 0.1\n`;
  const touch = () => `open(${JSON.stringify(marker)}, "w").write("executed")\n`;

  /** Puts a source archive on the shelf and returns it. */
  async function publish(name: string, files: Record<string, string>): Promise<Buffer> {
    const named = Object.entries(files).map(([file, content]) => [`${name}-0.1/${file}`, content]);
    const archive = await writeArchive(Object.fromEntries(named));
    writeFileSync(path.join(shelf, `${name}-0.1.tar.gz`), archive);
    return archive;
  }

  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'fireforge-pip-'));
    marker = path.join(folder, 'executed');
    shelf = scratch('shelf');
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('brings the archive and does not run its setup.py', async () => {
    const setup = `${touch()}from setuptools import setup\nsetup(name="trap", version="0.1")\n`;
    const archive = await publish('trap', { 'setup.py': setup, 'PKG-INFO': metadata('trap') });
    const origin = { kind: 'pip', package: 'trap', version: '0.1', sha256: sha256(archive) } as const;
    const bytes = await downloadArchive(origin, scratch('setup'), offline());
    expect(sha256(bytes)).toBe(origin.sha256);
    expect(existsSync(marker)).toBe(false);
  });

  it('would notice: the trap works when it is run', () => {
    execFileSync('python3', ['-c', touch()]);
    expect(existsSync(marker)).toBe(true);
    rmSync(marker);
  });

  it('refuses an archive of another hash before any backend of its own could run', async () => {
    const backend = `${touch()}def prepare_metadata_for_build_wheel(directory, settings=None):\n    pass\n`;
    const project = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n';
    const archive = await publish('swapped', {
      'pyproject.toml': project,
      'backend.py': backend,
      'PKG-INFO': metadata('swapped'),
    });
    const origin = { kind: 'pip', package: 'swapped', version: '0.1', sha256: '0'.repeat(64) } as const;
    expect(await diagnosticOf(() => downloadArchive(origin, scratch('hash'), offline()))).toEqual({
      code: 'FF904',
      subject: 'swapped 0.1',
      reason: `its SHA-256 is ${sha256(archive)}, not ${'0'.repeat(64)}`,
      remedy:
        'Nothing of it was kept. Try again; if it stays so, the source was changed and must not be trusted.',
    });
    expect(existsSync(marker)).toBe(false);
  });

  it('says why there is nothing to bring', async () => {
    const origin = { kind: 'pip', package: 'absent-package', version: '9', sha256: '0'.repeat(64) } as const;
    const diagnostic = await diagnosticOf(() => downloadArchive(origin, scratch('absent'), offline()));
    expect(diagnostic).toMatchObject({ code: 'FF903', subject: 'absent-package 9' });
    expect(diagnostic.reason).toMatch('absent-package==9');
  });
});

describe('downloadArchive without pip', () => {
  it('says that pip is needed', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'fireforge-nopip-'));
    const searchPath = process.env.PATH;
    process.env.PATH = folder;
    try {
      const origin = { kind: 'pip', package: 'p', version: '1', sha256: '0'.repeat(64) } as const;
      expect(await diagnosticOf(() => downloadArchive(origin, folder))).toMatchObject({ code: 'FF902' });
    } finally {
      process.env.PATH = searchPath;
      rmSync(folder, { recursive: true });
    }
  });
});
