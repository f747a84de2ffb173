/** The bytes of a fetched network's weights → the network. */
import { formatNotRead, networkMismatch } from '../../diagnostics/fetch.ts';
import { networkHash } from '../../graph/hash.ts';
import type { ImageSize, Network, Preprocess } from '../../graph/network.ts';
import type { TopologyWish } from '../../graph/squeezenet.ts';
import { networkFromTensors, recogniseTensors } from '../from-tensors.ts';
import { preset } from '../preprocess.ts';
import type { Tensor } from '../tensor.ts';
import type { CaffemodelSource, Source } from './sources.ts';

/** The network for a size and preprocessing, by default the source's own. */
export async function decodeFetched(
  source: Source,
  bytes: Uint8Array,
  wish: { size?: ImageSize; preprocess?: Preprocess; topology?: TopologyWish } = {},
): Promise<Network> {
  const size = wish.size ?? { height: source.side, width: source.side };
  const preprocess = wish.preprocess ?? preset(source.preprocess, Math.max(size.height, size.width));
  const { tensors, topology } = await readTensors(source, bytes);
  const named = recogniseTensors(source.name, tensors, { ...topology, ...wish.topology });
  return networkFromTensors(named, { name: source.name, ...size, preprocess });
}

/** Refuses weights whose values are not those that the table of sources pins. */
export async function requireNetworkHash(source: CaffemodelSource, bytes: Uint8Array): Promise<void> {
  const found = networkHash(await decodeFetched(source, bytes, { topology: { classifierPadding: 0 } }));
  if (found !== source.networkHash) throw networkMismatch(source.name, source.networkHash, found);
}

async function readTensors(
  source: Source,
  bytes: Uint8Array,
): Promise<{ tensors: Map<string, Tensor>; topology?: TopologyWish }> {
  if (source.format === 'pickle-hwio') {
    const { readPickledWeights } = await import('../pickle/weights.ts');
    return { tensors: readPickledWeights(bytes, source.name) };
  }
  if (source.format === 'pth') throw formatNotRead(source.name, source.origin.url);
  const { readCaffemodel } = await import('../caffemodel.ts');
  return readCaffemodel(bytes, source.name);
}
