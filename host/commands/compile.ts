import { Command, Option } from 'commander';
import type { Compiled } from '../../gen/compiled.ts';
import type { Calibration, RangeMethod } from '../../gen/quantize/calibration.ts';
import type { CalibrationWish } from '../calibration.ts';
import type { CommandContext } from '../io.ts';
import { choice, jsonOption, wholeNumber } from '../options.ts';
import { withProgress } from '../progress.ts';
import { addEngineOptions } from './engine-options.ts';
import { type EngineSource, type EngineSourceOptions, engineSource } from './engine-source.ts';
import { addModelOptions, type ModelOptions, modelRecord } from './model-options.ts';

interface CompileOptions extends ModelOptions, EngineSourceOptions, CalibrationWish {
  readonly output: string;
  readonly json?: boolean;
}

const RANGES = ['minmax', 'percentile', 'mse'] as const satisfies readonly RangeMethod[];

/** `compile`: from a model to a build. */
export function compileCommand(context: CommandContext): Command {
  const command = new Command('compile')
    .description('compile a model for a board into a build: Verilog, tape, network.onnx, design.json, report')
    .argument('<model>', 'a .safetensors, .onnx or .caffemodel file, or squeezenet1.0, squeezenet1.1')
    .option('--board <name>', 'a board of `fireforge boards`, or a folder with a board.json')
    .option('--for <build>', 'instead of a board: the engine of a build, whose Verilog stays as it is')
    .requiredOption('-o, --output <build>', 'the folder to write')
    .addOption(
      new Option(
        '--macs <units>',
        'so many MAC units, split as is fastest (default: the fastest that fits)',
      ).argParser(wholeNumber('--macs')),
    )
    .option('--lanes <IxOxP>', 'input x output x pixel lanes, e.g. 16x16x1')
    .option('--calibrate <dir>', 'choose ranges on the images of a folder')
    .option('--calibration <file>', 'take ranges from a saved calibration')
    .addOption(
      new Option('--range <how>', `${RANGES.join(', ')} (default: whichever serves best)`).argParser(
        choice('--range', RANGES),
      ),
    )
    .addOption(jsonOption());
  return addModelOptions(addEngineOptions(command)).action((model: string, options: CompileOptions) =>
    compileModel(context, model, options),
  );
}

async function compileModel(context: CommandContext, model: string, options: CompileOptions): Promise<void> {
  const { requireWritable, writeBuild } = await import('../../gen/emit/build.ts');
  const engine = await engineSource(options);
  requireWritable(options.output);
  await withProgress(context, async (progress) => {
    const { loadNetwork } = await import('../../gen/import/load.ts');
    const { preprocess } = options;
    const record = modelRecord(model, options);
    const network = await loadNetwork({
      ...record,
      ...(preprocess !== undefined && { preprocess }),
      progress,
    });
    const geometry = engine.geometryFor(network);
    const { resolveCalibration } = await import('../calibration.ts');
    const calibration = await resolveCalibration(network, options, progress);
    const { buildFiles, compile } = await import('../../gen/compile.ts');
    const compiled = compile({ network, calibration, geometry });
    writeBuild(options.output, buildFiles(compiled, { board: engine.board, model: record }));
    return { compiled, calibration };
  }).then(({ compiled, calibration }) => announce(context, options, engine, compiled, calibration));
}

async function announce(
  context: CommandContext,
  { output, json }: CompileOptions,
  { board, title }: EngineSource,
  compiled: Compiled,
  calibration: Calibration,
): Promise<void> {
  const { geometryHash, lanesText, macUnits } = await import('../../gen/geometry/geometry.ts');
  const { network, integer, geometry, tape } = compiled;
  const lanes = lanesText(geometry);
  if (!network.trained) {
    context.note('random weights, calibrated on synthetic images: the network classifies nothing');
  }
  if (json) {
    const { method, images } = calibration;
    const hash = geometryHash(geometry);
    const summary = {
      build: output,
      network: network.name,
      board: board.name,
      lanes,
      macUnits: macUnits(geometry),
      geometry: hash,
      tapeBytes: tape.length,
      calibration: { method, images },
      notes: integer.report.notes,
    };
    context.out(JSON.stringify(summary, null, 2));
    return;
  }
  for (const note of integer.report.notes) context.note(note);
  context.out(
    `${output}: ${network.name} at ${network.input.width}x${network.input.height} for ${title}, ` +
      `${lanes} lanes (${macUnits(geometry)} MAC units), tape of ${tape.length} bytes; see ${output}/report.txt`,
  );
}
