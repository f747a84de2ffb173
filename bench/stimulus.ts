/** What engines are given in a bench, and what they must answer. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import type { IntegerNetwork } from '../gen/quantize/integer-network.ts';
import { runFixed } from '../sim/fixed/run-fixed.ts';
import { synthesizeImages } from '../sim/image/synthetic.ts';
import { BUILDS } from './fireforge.ts';

const SEED = 1;

export interface Stimulus {
  /** Height × width × 3 each, RGB. */
  readonly images: readonly Uint8Array[];
  /** Of each image, by the fixed simulator. */
  readonly logits: readonly Int32Array[];
}

/** Seeded noise of a network's own size. */
export function noiseStimulus(network: IntegerNetwork, count: number): Stimulus {
  const { height, width } = network.input;
  const images = synthesizeImages(count, SEED, height, width);
  return { images, logits: images.map((image) => Int32Array.from(runFixed(network, image).output)) };
}

/** A folder of the same noise as photographs, for the command line. */
export async function noiseFolder(side: number, count: number): Promise<string> {
  const folder = path.join(BUILDS, `noise-${side}-${count}`);
  mkdirSync(folder, { recursive: true });
  for (const [index, image] of synthesizeImages(count, SEED, side, side).entries()) {
    const raw = { width: side, height: side, channels: 3 } as const;
    await sharp(Buffer.from(image), { raw })
      .png()
      .toFile(path.join(folder, `${index}.png`));
  }
  return folder;
}
