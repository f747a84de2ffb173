/** Messages about photographs, folders of them, and label files (FF2xx). */
import { FireforgeError } from './diagnostic.ts';

export function imageUnreadable(file: string, cause: string): FireforgeError {
  return new FireforgeError({
    code: 'FF201',
    subject: file,
    reason: `the image cannot be read (${cause})`,
    remedy: 'Check the path and the permissions of the file.',
  });
}

export function notAnImage(file: string): FireforgeError {
  return new FireforgeError({
    code: 'FF202',
    subject: file,
    reason: 'the file is neither a JPEG nor a PNG image (its first bytes say so)',
    remedy: 'Give a .jpg or .png photograph; convert other formats first.',
  });
}

export function imageDamaged(file: string, cause: string): FireforgeError {
  return new FireforgeError({
    code: 'FF203',
    subject: file,
    reason: `the image is truncated or damaged (${cause})`,
    remedy: 'Copy or export the photograph again.',
  });
}

export function imageFolderUnreadable(folder: string, cause: string): FireforgeError {
  return new FireforgeError({
    code: 'FF204',
    subject: folder,
    reason: `the image folder cannot be read (${cause})`,
    remedy: 'Give the path of a folder that holds .jpg or .png photographs.',
  });
}

export function imageFolderEmpty(folder: string): FireforgeError {
  return new FireforgeError({
    code: 'FF205',
    subject: folder,
    reason: 'the folder holds no .jpg, .jpeg or .png file (sub-folders are not searched)',
    remedy: 'Give a folder with photographs directly in it.',
  });
}

export function cropTooLarge(crop: string, image: string): FireforgeError {
  return new FireforgeError({
    code: 'FF206',
    subject: `crop ${crop}`,
    reason: `it is larger than the resized image of ${image} pixels`,
    remedy: 'Set "resize" of the pre-processing to at least the side of the network\'s input.',
  });
}

export function labelsUnreadable(file: string, cause: string): FireforgeError {
  return new FireforgeError({
    code: 'FF207',
    subject: file,
    reason: `the label file cannot be read (${cause})`,
    remedy: 'Give a CSV file of lines "file,class_index".',
  });
}

export function labelsMalformed(file: string, line: number, text: string): FireforgeError {
  return new FireforgeError({
    code: 'FF208',
    subject: `${file}:${line}`,
    reason: `"${text}" is not a file name and a class index of 0 or more`,
    remedy: 'Write one line "file,class_index" an image, below an optional line "file,class_index" of names.',
  });
}
