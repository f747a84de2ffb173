/** SHA-256 of what was fetched, and the refusal of anything else. */
import { createHash } from 'node:crypto';
import { hashMismatch } from '../../diagnostics/fetch.ts';

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Returns the bytes if they have the pinned hash. `subject` is their name in the message. */
export function requireHash(subject: string, expected: string, bytes: Uint8Array): Uint8Array {
  const found = sha256(bytes);
  if (found !== expected) throw hashMismatch(subject, expected, found);
  return bytes;
}
