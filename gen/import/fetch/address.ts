/** Downloads a file from its address. */
import { downloadFailed } from '../../diagnostics/fetch.ts';
import type { Progress } from './progress.ts';

/** A connection that brings nothing for so long is given up. */
const TIMEOUT_MS = 120_000;

/** The file's bytes; `progress` counts them where the server tells their number. */
export async function downloadAddress(name: string, url: string, progress: Progress): Promise<Uint8Array> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (!response.ok || !response.body) throw new Error(`the server answers ${response.status}`);
    const total = Number(response.headers.get('content-length') ?? 0);
    const chunks: Uint8Array[] = [];
    let done = 0;
    for await (const chunk of response.body) {
      chunks.push(chunk);
      done += chunk.byteLength;
      progress(done, Math.max(total, done), `downloading ${name}`);
    }
    return Buffer.concat(chunks);
  } catch (cause) {
    throw downloadFailed(name, reasonOf(cause as Error));
  }
}

function reasonOf(error: Error): string {
  return error.cause instanceof Error ? error.cause.message : error.message;
}
