import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildModel } from '../../../sim/rtl/build.ts';
import { cachedFolder, modelCache } from '../../../sim/rtl/cache.ts';
import { stubFolder } from './stub.ts';

const environment = { ...process.env };
let cache: string;

beforeEach(() => {
  cache = mkdtempSync(path.join(tmpdir(), 'fireforge-cache-'));
  process.env.XDG_CACHE_HOME = cache;
});
afterEach(() => {
  process.env = { ...environment };
  rmSync(cache, { recursive: true, force: true });
});

describe('the cache of models', () => {
  it('makes a folder once, and only whole', async () => {
    const failing = cachedFolder('abc', async (folder) => {
      writeFileSync(path.join(folder, 'half'), '');
      throw new Error('broken off');
    });
    await expect(failing).rejects.toThrow('broken off');
    expect(readdirSync(modelCache())).toEqual([]);
    let made = 0;
    const make = async (folder: string) => {
      made++;
      writeFileSync(path.join(folder, 'whole'), '');
    };
    const folders = [await cachedFolder('abc', make), await cachedFolder('abc', make)];
    expect(made).toBe(1);
    expect(new Set(folders)).toEqual(new Set([path.join(modelCache(), 'abc')]));
    expect(readdirSync(folders[0])).toEqual(['whole']);
  });

  it('lets two makers of the same model meet', async () => {
    const make = async (folder: string) => writeFileSync(path.join(folder, 'whole'), '');
    const [one, two] = await Promise.all([cachedFolder('abc', make), cachedFolder('abc', make)]);
    expect(one).toBe(two);
    expect(readdirSync(modelCache())).toEqual(['abc']);
  });

  it('says when it cannot be written', async () => {
    process.env.XDG_CACHE_HOME = path.join(cache, 'file');
    writeFileSync(path.join(cache, 'file'), '');
    await expect(cachedFolder('abc', async () => {})).rejects.toThrow(
      /FF704: .*verilated: the cache .* \(ENOTDIR\)/,
    );
  });
});

describe('building a model', () => {
  const source = (rtlDir: string) => ({ rtlDir, top: 'stub_top', trace: false });

  it('names a missing Verilator', async () => {
    process.env.PATH = cache;
    await expect(buildModel(source(stubFolder()))).rejects.toThrow(
      /FF701: (verilator|g\+\+|make): the program is not/,
    );
  });

  it('shows what Verilator did not like, and keeps nothing', async () => {
    const folder = stubFolder((text) => text.replace('endmodule', 'assign nothing = ;\nendmodule'));
    await expect(buildModel(source(folder))).rejects.toThrow(
      /FF702: verilator, design stub_top: (.|\n)*syntax error/,
    );
    expect(readdirSync(modelCache())).toEqual([]);
  });

  it('refuses a folder without Verilog', async () => {
    await expect(buildModel(source(cache))).rejects.toThrow(/FF703: .*the folder holds no Verilog/);
  });
});
