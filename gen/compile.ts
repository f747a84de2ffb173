/** The compiler's whole way: network → integer network → schedule → tape → the files of a build. */
import { chooseEngine, type EngineRequest } from './choose-engine.ts';
import type { BuildContext, BuildFiles, Compiled } from './compiled.ts';
import { designJson } from './emit/design.ts';
import { integerOnnx } from './emit/onnx/integer-onnx.ts';
import { reportText } from './emit/report.ts';
import { emitVerilog } from './emit/verilog.ts';
import type { Network } from './graph/network.ts';
import type { Calibration } from './quantize/calibration.ts';
import { formatCalibration } from './quantize/calibration-file.ts';
import { quantize } from './quantize/quantize.ts';
import { encodeTape } from './tape/encode.ts';

export interface CompileRequest extends EngineRequest {
  readonly network: Network;
  readonly calibration: Calibration;
}

/** Compiles a network for a board. Throws FF3xx, FF4xx and FF5xx; nothing is written. */
export function compile(request: CompileRequest): Compiled {
  const { network, calibration } = request;
  const integer = quantize(network, calibration);
  const { geometry, schedule } = chooseEngine(integer, request);
  const tape = encodeTape(integer, schedule, geometry);
  return { network, calibration, integer, geometry, schedule, tape };
}

/** The files of a build. The same input gives the same bytes. */
export function buildFiles(compiled: Compiled, context: BuildContext): BuildFiles {
  const { integer, geometry, calibration, tape } = compiled;
  const verilog = emitVerilog(geometry);
  const pinned = new Map<string, Uint8Array>([
    ['tape.bin', tape],
    ['network.onnx', integerOnnx(integer)],
    ['calibration.json', Buffer.from(formatCalibration(calibration))],
  ]);
  const texts = [
    ...verilog.files,
    ['report.txt', reportText(compiled, context)],
    ['design.json', designJson(compiled, context, verilog.top, pinned)],
  ] as const;
  return new Map([...pinned, ...texts.map(([name, text]) => [name, Buffer.from(text)] as const)]);
}
