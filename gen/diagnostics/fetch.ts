/** Messages about fetching networks: FF9xx. */
import { type Diagnostic, FireforgeError } from './diagnostic.ts';

const error = (code: Diagnostic['code'], subject: string, reason: string, remedy: string) =>
  new FireforgeError({ code, subject, reason, remedy });

const WITHOUT = 'give a model file, or take random weights with --weights none.';

export function sourceUnknown(name: string, names: readonly string[]): FireforgeError {
  return error('FF901', name, 'no source of this name is known', `Fetch one of ${names.join(', ')}.`);
}

export function pipMissing(subject: string): FireforgeError {
  return error(
    'FF902',
    subject,
    'the pip client, which downloads it, was found neither as `python3 -m pip` nor as pip3',
    `Install Python 3 with pip; without it, ${WITHOUT}`,
  );
}

export function downloadFailed(subject: string, cause: string): FireforgeError {
  return error(
    'FF903',
    subject,
    `it cannot be downloaded (${cause})`,
    `Check the network and try again; without it, ${WITHOUT}`,
  );
}

export function hashMismatch(subject: string, expected: string, found: string): FireforgeError {
  return error(
    'FF904',
    subject,
    `its SHA-256 is ${found}, not ${expected}`,
    'Nothing of it was kept. Try again; if it stays so, the source was changed and must not be trusted.',
  );
}

export function archiveMemberMissing(archive: string, member: string): FireforgeError {
  return error(
    'FF905',
    archive,
    `it does not contain ${member}`,
    'Report it: the table of sources is wrong.',
  );
}

export function archiveDamaged(archive: string, cause: string): FireforgeError {
  return error('FF906', archive, `the archive cannot be read (${cause})`, 'Fetch it again.');
}

export function cacheNotWritable(folder: string, cause: string): FireforgeError {
  return error(
    'FF907',
    folder,
    `the cache cannot be written (${cause})`,
    'Make the folder writable, or set XDG_CACHE_HOME to one that is.',
  );
}

export function formatNotRead(name: string, url: string): FireforgeError {
  return error(
    'FF908',
    name,
    'it is a PyTorch checkpoint (.pth), which is not read directly',
    `Save the checkpoint of ${url} as safetensors (its tensor names are understood) and give that file.`,
  );
}

export function networkMismatch(name: string, expected: string, found: string): FireforgeError {
  return error(
    'FF909',
    name,
    `its values hash to ${found}, not ${expected}`,
    'Nothing of it was kept. The source was changed and must not be trusted.',
  );
}

export function notFetched(name: string): FireforgeError {
  return error(
    'FF910',
    name,
    'its trained weights are not in the cache, and their source is untested, so it is not asked unbidden',
    `Try \`fireforge fetch ${name}\`; or ${WITHOUT}`,
  );
}
