import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listImages } from '../../../sim/image/folder.ts';
import { readLabels } from '../../../sim/image/labels.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fireforge-folder-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('listImages', () => {
  test('sorts by name and leaves other files out', async () => {
    for (const name of ['b.PNG', 'a.jpg', 'B.jpeg', 'labels.csv']) await writeFile(join(folder, name), '');
    expect(await listImages(folder)).toEqual(['B.jpeg', 'a.jpg', 'b.PNG'].map((name) => join(folder, name)));
  });

  test('refuses a folder without images', async () => {
    const empty = join(folder, 'empty');
    await mkdir(empty);
    await expect(listImages(empty)).rejects.toThrow(
      `error FF205: ${empty}: the folder holds no .jpg, .jpeg or .png file (sub-folders are not searched)\n` +
        '  Give a folder with photographs directly in it.',
    );
  });

  test('refuses a missing folder', async () => {
    await expect(listImages('no/such')).rejects.toThrow(
      'error FF204: no/such: the image folder cannot be read (ENOENT)\n' +
        '  Give the path of a folder that holds .jpg or .png photographs.',
    );
  });
});

describe('readLabels', () => {
  async function csv(text: string): Promise<string> {
    const file = join(folder, 'labels.csv');
    await writeFile(file, text);
    return file;
  }

  test('keeps the order of the file, with or without the line of names', async () => {
    const labels = [
      ['z.jpg', 576],
      ['a.jpg', 0],
    ];
    expect([...(await readLabels(await csv('file,class_index\r\nz.jpg,576\r\na.jpg,0\r\n')))]).toEqual(
      labels,
    );
    expect([...(await readLabels(await csv('z.jpg, 576\na.jpg,0')))]).toEqual(labels);
  });

  test('names the line it cannot read', async () => {
    const file = await csv('file,class_index\na.jpg,1\nb.jpg,cat\n');
    await expect(readLabels(file)).rejects.toThrow(
      `error FF208: ${file}:3: "b.jpg,cat" is not a file name and a class index of 0 or more`,
    );
  });

  test('refuses a missing file', async () => {
    await expect(readLabels('no/such.csv')).rejects.toThrow(
      'error FF207: no/such.csv: the label file cannot be read (ENOENT)',
    );
  });
});
