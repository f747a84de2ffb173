import { floatOnnx } from '../../gen/emit/onnx/float-onnx.ts';
import type { Network } from '../../gen/graph/network.ts';
import type { FloatResult } from '../compare/tensors.ts';
import { OnnxSession } from '../onnx/session.ts';
import { normalize } from './normalize.ts';

/** The float witness: the network as it was trained, float32, in ONNX Runtime. */
export class FloatWitness {
  readonly #session: OnnxSession;
  readonly #network: Network;

  private constructor(session: OnnxSession, network: Network) {
    this.#session = session;
    this.#network = network;
  }

  /** @param options.layers whether the results hold the layer tensors, which cost time, or what comes out alone. */
  static async create(network: Network, options: { layers: boolean }): Promise<FloatWitness> {
    const model = floatOnnx(network, options.layers ? 'all' : 'result');
    return new FloatWitness(await OnnxSession.create(model), network);
  }

  /** @param image height × width × 3, uint8, RGB: the bytes at IMAGE_ADDR. */
  async run(image: Uint8Array): Promise<FloatResult> {
    const input = normalize(image, this.#network.input, this.#network.preprocess);
    const outputs = await this.#session.run(input);
    const tensors = [...outputs].map(([name, values]) => ({ name, values: values as Float32Array }));
    const output = tensors.pop()!.values;
    return { layers: tensors, output };
  }
}
