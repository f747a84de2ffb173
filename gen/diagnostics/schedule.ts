/** Messages about what the engine cannot run, or cannot hold. */
import { type Diagnostic, FireforgeError } from './diagnostic.ts';

export function unmappedLayer(layer: string, reason: string, remedy: string): FireforgeError {
  return new FireforgeError({ code: 'FF501', subject: layer, reason, remedy });
}

export function mapsTooLarge(stage: string, neededKib: number, availableKib: number): FireforgeError {
  return new FireforgeError({
    code: 'FF502',
    subject: stage,
    reason: `its feature maps need ${neededKib} KiB of feature memory, ${neededKib - availableKib} KiB more than the ${availableKib} KiB there are`,
    remedy: `Give the engine more with --memory ${neededKib}, or take a smaller image with --side.`,
  });
}

/** Whether an error is `mapsTooLarge`, which smaller blocks may mend. */
export function isMapsTooLarge(error: unknown): error is FireforgeError {
  return error instanceof FireforgeError && error.diagnostic.code === 'FF502';
}

export function engineTooPlain(network: string, needs: string): FireforgeError {
  return new FireforgeError({
    code: 'FF505',
    subject: network,
    reason: `needs ${needs}, which only an extended engine has`,
    remedy: 'Compile it with an engine of its own, without --for: the engine is then extended as needed.',
  });
}

/** Whether an error is one that an extended engine may mend. */
export function mayNeedExtension(error: unknown): boolean {
  return isMapsTooLarge(error) || (error instanceof FireforgeError && error.diagnostic.code === 'FF505');
}

export function weightsExceedRing(stage: string, neededKib: number, ringKib: number): FireforgeError {
  return new FireforgeError({
    code: 'FF503',
    subject: stage,
    reason: `its weights (${neededKib} KiB) neither fit the ring of ${ringKib} KiB nor its maps the feature memory at once`,
    remedy: 'Give the engine a larger weight ring with --ring, or more feature memory with --memory.',
  });
}

export function limitExceeded(
  stage: string,
  limit: string,
  needed: number,
  available: number,
): FireforgeError {
  return new FireforgeError({
    code: 'FF504',
    subject: stage,
    reason: `needs ${needed} ${limit}, the geometry has ${available}`,
    remedy: 'Take a smaller network, a smaller image with --side, or other lanes with --lanes.',
  });
}

/** `exceeded` has an entry for every limit of the build's engine that the network exceeds. */
export function engineTooSmall(
  network: string,
  build: string,
  exceeded: readonly Pick<Diagnostic, 'subject' | 'reason'>[],
): FireforgeError {
  const lines = exceeded.map(({ subject, reason }) => `${subject}: ${reason}`);
  const [only] = lines.length === 1 ? lines : [];
  return new FireforgeError({
    code: 'FF506',
    subject: network,
    reason: `the engine of ${build} cannot run it:${only === undefined ? '' : ` ${only}`}`,
    list: only === undefined ? lines : [],
    remedy: 'Take a smaller network or image; or compile it for a board, which makes another engine.',
  });
}
