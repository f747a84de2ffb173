import { labelsMalformed, labelsUnreadable } from '../../gen/diagnostics/image.ts';
import { readTextFile } from '../../gen/read-file.ts';

const HEADER = 'file,class_index';

/**
 * Class index (0 and up) of each image file name, in the order of the CSV file `file,class_index`.
 *
 * @throws FireforgeError FF207 if the file cannot be read, FF208 for a line that is not a name and an index.
 */
export async function readLabels(csv: string): Promise<Map<string, number>> {
  let text: string;
  try {
    text = readTextFile(csv);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw labelsUnreadable(csv, code ?? message);
  }
  const labels = new Map<string, number>();
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '' || (index === 0 && line.trim() === HEADER)) continue;
    const [name = '', label = '', ...rest] = line.split(',').map((field) => field.trim());
    if (name === '' || rest.length > 0 || !/^\d{1,9}$/.test(label))
      throw labelsMalformed(csv, index + 1, line);
    labels.set(name, Number(label));
  }
  return labels;
}
