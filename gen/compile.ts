/** The compiler's whole way: network → integer network → schedule → tape → the files of a build. */
import type { BuildContext, BuildFiles, Compiled } from './compiled.ts';
import { designJson } from './emit/design.ts';
import { integerOnnx } from './emit/onnx/integer-onnx.ts';
import { statedPrediction } from './emit/prediction.ts';
import { reportText } from './emit/report.ts';
import { emitVerilog } from './emit/verilog.ts';
import type { Geometry } from './geometry/geometry.ts';
import type { Network } from './graph/network.ts';
import type { Calibration } from './quantize/calibration.ts';
import { formatCalibration } from './quantize/calibration-file.ts';
import { quantize } from './quantize/quantize.ts';
import { checkImageLimits } from './schedule/limits.ts';
import { planSchedule } from './schedule/plan.ts';
import { encodeTape } from './tape/encode.ts';

export interface CompileRequest {
  readonly network: Network;
  readonly calibration: Calibration;
  /** What chooseEngine found for the network's shapes and the board. */
  readonly geometry: Geometry;
}

/** Compiles a network for an engine. Throws FF3xx and FF5xx; nothing is written. */
export function compile({ network, calibration, geometry }: CompileRequest): Compiled {
  const integer = quantize(network, calibration);
  checkImageLimits(integer, geometry);
  const schedule = planSchedule(integer, geometry);
  const tape = encodeTape(integer, schedule, geometry);
  return { network, calibration, integer, geometry, schedule, tape };
}

/** The files of a build. The same input gives the same bytes. */
export function buildFiles(compiled: Compiled, context: BuildContext): BuildFiles {
  const { integer, geometry, calibration, tape } = compiled;
  const verilog = emitVerilog(geometry);
  const prediction = statedPrediction(compiled);
  const pinned = new Map<string, Uint8Array>([
    ['tape.bin', tape],
    ['network.onnx', integerOnnx(integer)],
    ['calibration.json', Buffer.from(formatCalibration(calibration))],
  ]);
  const texts = [
    ...verilog.files,
    ['report.txt', reportText(compiled, context, prediction)],
    ['design.json', designJson(compiled, context, verilog.top, pinned, prediction)],
  ] as const;
  return new Map([...pinned, ...texts.map(([name, text]) => [name, Buffer.from(text)] as const)]);
}
