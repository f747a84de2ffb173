/** Where `compile` takes the engine from: a board and wishes, or a build that exists. */
import type { Board } from '../../gen/geometry/boards.ts';
import type { Geometry } from '../../gen/geometry/geometry.ts';
import type { Network } from '../../gen/graph/network.ts';
import { type EngineOptions, wishes } from './engine-options.ts';

export interface EngineSourceOptions extends EngineOptions {
  readonly board?: string;
  readonly for?: string;
  readonly macs?: number;
  readonly lanes?: string;
}

export interface EngineSource {
  readonly board: Board;
  /** What the network is compiled for, in words. */
  readonly title: string;
  /** Throws FF4xx and FF5xx if it cannot be, or cannot run the network. */
  geometryFor(network: Network): Geometry;
}

/** All that can be refused before a network is loaded. Throws FF4xx, FF63x, FF801, FF805. */
export async function engineSource(options: EngineSourceOptions): Promise<EngineSource> {
  return options.for === undefined ? sourceOfBoard(options) : sourceOfBuild(options.for, options);
}

async function sourceOfBoard({
  board: name,
  lanes,
  macs,
  ...options
}: EngineSourceOptions): Promise<EngineSource> {
  const { optionsExclude, usageError } = await import('../../gen/diagnostics/cli.ts');
  const { loadBoard } = await import('../../gen/geometry/boards.ts');
  const { parseLanes, splitMacs } = await import('../../gen/geometry/sizing.ts');
  const { chooseEngine, requireRoom } = await import('../../gen/choose-engine.ts');
  if (name === undefined) {
    throw usageError('fireforge compile', "it needs --board <name>, or --for <build> for a build's engine");
  }
  if (lanes !== undefined && macs !== undefined) throw optionsExclude('--lanes', '--macs');
  if (macs !== undefined) splitMacs(macs);
  const board = loadBoard(name);
  const request = {
    board,
    ...(lanes !== undefined && { lanes: parseLanes(lanes) }),
    ...(macs !== undefined && { macs }),
    wishes: wishes(options),
  };
  requireRoom(request);
  return { board, title: name, geometryFor: (network) => chooseEngine(network, request) };
}

/** Options that make an engine, which exists here. */
const ENGINE_OPTIONS = ['board', 'lanes', 'macs', 'port', 'burst', 'ring', 'memory'] as const;

async function sourceOfBuild(folder: string, options: EngineSourceOptions): Promise<EngineSource> {
  const { optionsExclude } = await import('../../gen/diagnostics/cli.ts');
  const { openBuild } = await import('../../gen/emit/build.ts');
  const { requireRunnable, requireSameVerilog } = await import('../../gen/for-build.ts');
  const given = ENGINE_OPTIONS.find((name) => (options as Record<string, unknown>)[name] !== undefined);
  if (given !== undefined) throw optionsExclude(`--${given}`, '--for');
  const build = openBuild(folder);
  requireSameVerilog(build);
  const { board, geometry } = build.design;
  return {
    board,
    title: `the engine of ${folder}`,
    geometryFor: (network) => {
      requireRunnable(network, build);
      return geometry;
    },
  };
}
