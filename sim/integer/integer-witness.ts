import type { LayerTensor, WitnessResult } from '../compare/tensors.ts';
import { OnnxSession } from '../onnx/session.ts';

/**
 * The integer witness: network.onnx in ONNX Runtime. It knows nothing but the file, which is what is handed
 * out; the last of its outputs is the result, others are layers.
 */
export class IntegerWitness {
  readonly #session: OnnxSession;

  private constructor(session: OnnxSession) {
    this.#session = session;
  }

  /** @param model bytes of `integerOnnx`. */
  static async create(model: Uint8Array): Promise<IntegerWitness> {
    return new IntegerWitness(await OnnxSession.create(model));
  }

  /** @param image height × width × 3, uint8, RGB: the bytes at IMAGE_ADDR. */
  async run(image: Uint8Array): Promise<WitnessResult> {
    const outputs = await this.#session.run(image);
    const tensors = [...outputs].map(([name, data]): LayerTensor => {
      const values = data instanceof BigInt64Array ? Float64Array.from(data, Number) : (data as Uint8Array);
      return { name, values };
    });
    const output = tensors.pop()!.values as WitnessResult['output'];
    return { layers: tensors, output };
  }
}
