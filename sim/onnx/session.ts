/** One ONNX Runtime session, as both ONNX witnesses use it. */
import { isMainThread } from 'node:worker_threads';
import type { InferenceSession, Tensor } from 'onnxruntime-node';

/** ONNX Runtime's own threads; the machine may have other work, and worker threads share it already. */
const THREADS = isMainThread ? 2 : 1;
/** Errors only: what the optimizer remarks is of no use to a user. */
const LOG_ERRORS = 3;

type Runtime = typeof import('onnxruntime-node');

export class OnnxSession {
  readonly #runtime: Runtime;
  readonly #session: InferenceSession;

  private constructor(runtime: Runtime, session: InferenceSession) {
    this.#runtime = runtime;
    this.#session = session;
  }

  /** Loads a model with one input of fixed shape. The runtime itself is loaded with the first session. */
  static async create(model: Uint8Array): Promise<OnnxSession> {
    const runtime = await import('onnxruntime-node');
    const session = await runtime.InferenceSession.create(model, {
      intraOpNumThreads: THREADS,
      interOpNumThreads: 1,
      logSeverityLevel: LOG_ERRORS,
    });
    return new OnnxSession(runtime, session);
  }

  /** Every output of the graph by name, in the graph's order. The input's element type is its array's. */
  async run(input: Uint8Array | Float32Array): Promise<Map<string, Tensor['data']>> {
    const metadata = this.#session.inputMetadata[0]!;
    const dims = metadata.isTensor ? metadata.shape.map(Number) : [];
    const { Tensor } = this.#runtime;
    const tensor = input instanceof Uint8Array ? new Tensor(input, dims) : new Tensor(input, dims);
    const results = await this.#session.run({ [metadata.name]: tensor });
    return new Map(this.#session.outputNames.map((output) => [output, results[output]!.data]));
  }
}
