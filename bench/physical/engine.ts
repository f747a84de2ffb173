/** The engine that a bench synthesizes: its Verilog in a folder, and how to read it. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { emitVerilog } from '../../gen/emit/verilog.ts';
import { type Board, loadBoard } from '../../gen/geometry/boards.ts';
import type { Geometry } from '../../gen/geometry/geometry.ts';
import { geometryFor, parseLanes, type Wishes } from '../../gen/geometry/sizing.ts';
import { BUILDS } from './tools.ts';

export interface EngineSources {
  readonly board: Board;
  readonly geometry: Geometry;
  /** The top module's name. */
  readonly top: string;
  readonly folder: string;
  /** Yosys command that reads all files, run in the folder. */
  readonly read: string;
}

/**
 * Emits the engine of `lanes` (`16x8x1`) on a board to a folder of its name; what was there is deleted.
 *
 * @param defines what choose a device's own primitives instead of their portable twins
 */
export function writeEngine(
  boardName: string,
  lanes: string,
  wishes: Wishes = {},
  defines: readonly string[] = [],
): EngineSources {
  const board = loadBoard(boardName);
  const geometry = geometryFor(board, parseLanes(lanes), wishes);
  const { top, files } = emitVerilog(geometry);
  const folder = path.join(BUILDS, `${board.name}-${lanes}`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(path.join(folder, 'rtl'), { recursive: true });
  for (const [file, text] of files) writeFileSync(path.join(folder, file), text);
  const modules = files.map(([file]) => file).filter((file) => file.endsWith('.v'));
  const options = [...defines.map((name) => `-D${name}`), '-Irtl'];
  const read = ['read_verilog', ...options, ...modules].join(' ');
  return { board, geometry, top, folder, read };
}
