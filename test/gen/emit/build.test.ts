import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { buildFiles } from '../../../gen/compile.ts';
import type { BuildFiles, Compiled } from '../../../gen/compiled.ts';
import { openBuild, readBuildFile, requireWritable, writeBuild } from '../../../gen/emit/build.ts';
import { emitVerilog } from '../../../gen/emit/verilog.ts';
import { loadBoard } from '../../../gen/geometry/boards.ts';
import { geometryHash } from '../../../gen/geometry/geometry.ts';
import { restoreBuild } from '../../../gen/restore.ts';
import { compiledSqueezenet } from '../../compiled.ts';

/** Milliseconds that setting up may take on a busy machine. */
const SLOW = 120_000;

const shared = mkdtempSync(path.join(tmpdir(), 'fireforge-build-'));
const board = loadBoard('sim');
const model = { model: 'squeezenet1.1', weights: 'none', side: 48, classes: 10, seed: 1 } as const;
let compiled: Compiled;
let files: BuildFiles;
let place: string;

beforeAll(async () => {
  compiled = await compiledSqueezenet();
  files = buildFiles(compiled, { board, model });
}, SLOW);
beforeEach(() => {
  place = mkdtempSync(path.join(shared, 'case-'));
});
afterAll(() => rmSync(shared, { recursive: true }));

const inPlace = (name: string) => path.join(place, name);

describe('a build', () => {
  test('has the files that are promised', () => {
    const names = [...files.keys()].filter((name) => !name.startsWith('rtl/'));
    expect(names.sort()).toEqual([
      'calibration.json',
      'design.json',
      'network.onnx',
      'report.txt',
      'tape.bin',
    ]);
    expect(files.has('rtl/fireforge.v')).toBe(true);
  });

  test('is the same to the byte when it is made again', async () => {
    const again = buildFiles(await compiledSqueezenet(), { board, model });
    expect([...again.keys()]).toEqual([...files.keys()]);
    for (const [name, bytes] of files) expect(Buffer.from(again.get(name)!).equals(bytes), name).toBe(true);
  });

  test('is read and restored to what was compiled', async () => {
    writeBuild(inPlace('b'), files);
    const build = openBuild(inPlace('b'));
    expect(build.design).toMatchObject({ top: 'fireforge', model, geometry: compiled.geometry });
    const restored = await restoreBuild(build);
    expect(Buffer.from(restored.tape).equals(compiled.tape)).toBe(true);
    expect(restored.network.preprocess).toEqual(compiled.network.preprocess);
    expect(readdirSync(place)).toEqual(['b']);
  });

  test('is not what was written once a byte differs', () => {
    writeBuild(inPlace('b'), files);
    const bytes = Buffer.from(files.get('network.onnx')!);
    bytes[1000] ^= 1;
    writeFileSync(inPlace('b/network.onnx'), bytes);
    expect(() => readBuildFile(openBuild(inPlace('b')), 'network.onnx')).toThrow('FF633');
  });
});

describe('writing', () => {
  test('replaces a build, and nothing of the old one stays', () => {
    writeBuild(inPlace('b'), new Map([...files, ['rtl/old.v', Buffer.from('old')]]));
    writeBuild(inPlace('b'), files);
    expect(existsSync(inPlace('b/rtl/old.v'))).toBe(false);
    expect(readdirSync(place)).toEqual(['b']);
  });

  test('makes missing parents, and takes an empty folder', () => {
    writeBuild(inPlace('deep/er/b'), files);
    mkdirSync(inPlace('empty'));
    writeBuild(inPlace('empty'), files);
    expect(existsSync(inPlace('deep/er/b/tape.bin')) && existsSync(inPlace('empty/tape.bin'))).toBe(true);
  });

  test('leaves another folder alone', () => {
    mkdirSync(inPlace('mine'));
    writeFileSync(inPlace('mine/notes.txt'), 'mine');
    expect(() => writeBuild(inPlace('mine'), files)).toThrow('FF621');
    expect(() => requireWritable(inPlace('mine'))).toThrow('FF621');
    expect(readdirSync(inPlace('mine'))).toEqual(['notes.txt']);
  });

  test('leaves nothing behind when it fails in the middle', () => {
    // A file's name under a file: the second cannot be written.
    const impossible = new Map([
      ['a', Buffer.from('a')],
      ['a/b', Buffer.from('b')],
    ]);
    expect(() => writeBuild(inPlace('b'), impossible)).toThrow('FF620');
    expect(readdirSync(place)).toEqual([]);
  });

  test('asking beforehand leaves nothing behind', () => {
    requireWritable(inPlace('b'));
    expect(readdirSync(place)).toEqual([]);
  });
});

describe('Verilog', () => {
  test('depends on the geometry alone', async () => {
    const other = await compiledSqueezenet({ version: '1.0', side: 64, classes: 4, seed: 2 });
    expect(other.geometry).toEqual(compiled.geometry);
    const rtl = [...files].filter(([name]) => name.startsWith('rtl/'));
    const otherFiles = buildFiles(other, { board, model });
    expect(rtl.every(([name, bytes]) => Buffer.from(otherFiles.get(name)!).equals(bytes))).toBe(true);
    expect([...otherFiles.keys()].filter((name) => name.startsWith('rtl/'))).toHaveLength(rtl.length);
  });

  test('names its geometry, and every module it uses is there', () => {
    const { top, files: verilog } = emitVerilog(compiled.geometry);
    const texts = new Map(verilog);
    expect(texts.get(`rtl/${top}.v`)).toContain(geometryHash(compiled.geometry));
    for (const [name, text] of verilog) {
      if (name.endsWith('.v')) expect(text, name).toContain(`module ${path.basename(name, '.v')}`);
      for (const [, header] of text.matchAll(/`include "(.*)"/g))
        expect(texts.has(`rtl/${header}`)).toBe(true);
      for (const [, instance] of text.matchAll(/^ {2}(\w+) (?:#\(.*\) )?u_\w+ \($/gm)) {
        expect(texts.has(`rtl/${instance}.v`), `${instance} in ${name}`).toBe(true);
      }
    }
  });
});

test('the report names every stage, every region and the traffic', () => {
  const report = Buffer.from(files.get('report.txt')!).toString('utf8');
  for (const { name, block } of compiled.schedule.stages) {
    expect(report).toContain(name);
    if (block) expect(report).toContain(block.name);
  }
  expect(report).toMatch(/1\.02\d of the minimum of 743,440/);
  expect(report).toContain('Engine 16x16x1, 256 MAC units, for sim');
});

test('design.json is what its page says', () => {
  const design = JSON.parse(Buffer.from(files.get('design.json')!).toString('utf8'));
  const page = readFileSync('docs/reference/design-json.md', 'utf8');
  for (const key of Object.keys(design)) expect(page, key).toContain(`\`${key}\``);
  expect(design.registers.map[0]).toMatchObject({ name: 'IDENTITY', offset: 0 });
  expect(design.memory).toEqual({
    alignment: 64,
    tapeBytes: compiled.tape.length,
    imageBytes: 6912,
    resultBytes: 64,
    bufferBytes: 64,
  });
});
