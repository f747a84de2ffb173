/** Accuracy of an engine on labelled images, beside the float network on the same images. */
import path from 'node:path';
import { labelMissing, labelOutOfRange, withoutClasses } from '../gen/diagnostics/cli.ts';
import type { StoredBuild } from '../gen/emit/build.ts';
import type { Progress } from '../gen/import/fetch/progress.ts';
import { AccuracyTally, type LabelledAccuracy } from '../sim/compare/accuracy.ts';
import { readLabels } from '../sim/image/labels.ts';
import type { EngineName } from './engine-names.ts';
import { openEngine } from './engines.ts';
import { imageFit, imagesOf, prepareAhead } from './images.ts';

export interface AccuracyRequest {
  readonly build: StoredBuild;
  readonly images: string;
  readonly labels: string;
  readonly engine: EngineName;
  readonly limit?: number;
  readonly model?: string;
}

export interface Accuracy extends LabelledAccuracy {
  readonly imagesPerSecond: number;
}

/** Throws FF806 for an image without label, FF807 for a label that is no class. */
export async function measureAccuracy(request: AccuracyRequest, progress: Progress): Promise<Accuracy> {
  const { build, model } = request;
  if (build.design.network.classes === 0) throw withoutClasses(build.folder);
  const files = await imagesOf(request.images, request.limit);
  const wanted = await wantedClasses(request, files);
  const options = { progress, ...(model !== undefined && { model }) };
  const engine = await openEngine(request.engine, build, options);
  const float = await openEngine('float', build, options);
  const tally = new AccuracyTally(engine.logitScale);
  const start = performance.now();
  const [mine, theirs] = shareImages(prepareAhead(files, imageFit(build.design)));
  const both = [engine.classify(mine), float.classify(theirs)].map((logits) =>
    logits[Symbol.asyncIterator](),
  );
  for (const [done, label] of wanted.entries()) {
    // Both at once: an engine that waits for a thread of its own leaves this one to the other.
    const [{ value: logits }, { value: real }] = await Promise.all(both.map((iterator) => iterator.next()));
    tally.add(label, logits, real);
    progress(done + 1, files.length, request.engine);
  }
  const seconds = (performance.now() - start) / 1000;
  return { ...tally.result(), imagesPerSecond: files.length / seconds };
}

/** The network's class for each file. */
async function wantedClasses(
  { build, labels: csv }: AccuracyRequest,
  files: readonly string[],
): Promise<number[]> {
  const labels = await readLabels(csv);
  const { classes, labelOffset } = build.design.network;
  return files.map((file) => {
    const name = path.basename(file);
    const label = labels.get(name);
    if (label === undefined) throw labelMissing(csv, name);
    if (label + labelOffset >= classes) throw labelOutOfRange(csv, name, label, classes - labelOffset);
    return label + labelOffset;
  });
}

/** The same images for two engines, each prepared once and kept only until both have taken it. */
function shareImages(
  images: AsyncGenerator<Uint8Array>,
): [AsyncIterable<Uint8Array>, AsyncIterable<Uint8Array>] {
  type Pull = Promise<IteratorResult<Uint8Array>>;
  const waiting: [Pull[], Pull[]] = [[], []];
  const view = (own: Pull[], other: Pull[]): AsyncIterable<Uint8Array> => ({
    [Symbol.asyncIterator]: () => ({
      next: () => {
        const left = own.shift();
        if (left) return left;
        const pulled = images.next();
        other.push(pulled);
        return pulled;
      },
    }),
  });
  const [first, second] = waiting;
  return [view(first, second), view(second, first)];
}
