import { readFile } from 'node:fs/promises';
import { labelsMalformed, labelsUnreadable } from '../../gen/diagnostics/image.ts';

const HEADER = 'file,class_index';

/**
 * Class index (0 and up) of each image file name, in the order of the CSV file `file,class_index`.
 *
 * @throws FireforgeError FF207 if the file cannot be read, FF208 for a line that is not a name and an index.
 */
export async function readLabels(csv: string): Promise<Map<string, number>> {
  const text = await readFile(csv, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw labelsUnreadable(csv, error.code ?? error.message);
  });
  const labels = new Map<string, number>();
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '' || (index === 0 && line.trim() === HEADER)) continue;
    const fields = /^\s*([^,]+?)\s*,\s*(\d+)\s*$/.exec(line);
    if (fields === null) throw labelsMalformed(csv, index + 1, line);
    labels.set(fields[1]!, Number(fields[2]));
  }
  return labels;
}
