/**
 * The image unit cycle by cycle, without pixels: words of the image taken, window rows entered, groups of the
 * first convolution's taps packed. Beside rtl/image/image_unit.v; its parts are in image/.
 */
import type { Geometry } from '../../geometry/geometry.ts';
import { type Register, UNKNOWN, Unit } from './clock.ts';
import { Packer } from './image/packer.ts';
import { RowFiller } from './image/row-filler.ts';
import { RowWalker } from './image/row-walker.ts';
import { Intervals } from './intervals.ts';

export interface ImageShape {
  /** In pixels. */
  readonly width: number;
  readonly height: number;
  /** Of the first convolution. */
  readonly kernel: number;
  readonly stride: number;
  readonly padTop: number;
  /** Moves the window, not the time it takes. */
  readonly padLeft: number;
  readonly outWidth: number;
  readonly outHeight: number;
  /** 16-byte vectors of a packed pixel. */
  readonly vectors: number;
  /** The packed buffer: its first word in each bank, and the groups that it holds. */
  readonly bufferBase: number;
  readonly bufferGroups: number;
}

/**
 * What it meets. Whoever makes a word available or frees groups also wakes the unit, for the cycle in which that is
 * first seen.
 */
export interface ImageUnitPorts {
  readonly geometry: Pick<Geometry, 'pixelLanes' | 'packLanes' | 'imageRows'>;
  /** The image's burst reader: whether it offers a word in a cycle, and that the word was taken. */
  readonly words: { available(cycle: number): boolean; take(cycle: number): void };
  /** The post unit writes in this cycle, and so the packer does not. */
  writeBusy(cycle: number): boolean;
  /** Groups consumed, of all images. */
  readonly freed: Register;
  /** Groups packed, of all images: set here, as the map reader sees it. */
  readonly packed: Register;
}

/** A group's last write → the map reader knows of it. */
const WRITE_TO_SEEN = 2;

export class ImageUnit extends Unit {
  private readonly ports: ImageUnitPorts;
  private readonly filler: RowFiller;
  private readonly walker: RowWalker;
  private readonly packer: Packer;
  private configReadyFrom = 0;
  private startedIn = -1;
  /** Of the image that is being filled. */
  private filled: ImageShape | undefined;
  /** It is not being packed yet. */
  private waiting = false;
  /** Columns on their way through the row memories, and what they complete. */
  private readValid = false;
  private readComplete = false;
  private readLast = false;
  private pickedValid = false;
  private pickedComplete = false;
  private pickedLast = false;
  private columnValid = false;
  private columnComplete = false;
  private columnLast = false;
  private windowValid = false;
  private windowLast = false;
  /** When nothing was packed, for rows of the image were missing. */
  readonly lacksRows = new Intervals();
  private lacking = true;

  constructor(ports: ImageUnitPorts) {
    super();
    const { geometry } = ports;
    this.ports = ports;
    this.filler = new RowFiller(geometry.packLanes);
    this.walker = new RowWalker(geometry.imageRows, geometry.packLanes);
    this.lacksRows.open(0);
    this.packer = new Packer(geometry.pixelLanes, geometry.packLanes);
  }

  /** Vectors written to the feature memory so far, of all images. */
  get written(): number {
    return this.packer.written;
  }

  /** Whether the next image's configuration would be taken in this cycle. */
  configReady(cycle: number): boolean {
    return cycle >= this.configReadyFrom;
  }

  /** The next image's configuration is taken in this cycle. */
  start(cycle: number, shape: ImageShape): void {
    this.configReadyFrom = UNKNOWN;
    this.filled = shape;
    this.startedIn = cycle;
    this.wake(cycle + 1);
  }

  act(cycle: number): void {
    const { ports, filler, walker, packer } = this;
    if (this.startedIn >= 0 && this.startedIn < cycle) {
      this.startedIn = -1;
      this.waiting = true;
      filler.start(this.filled!);
    }

    const packing = !packer.idle;
    packer.look(packing && ports.writeBusy(cycle));
    filler.look(walker.rowFree);
    const advance = !this.windowValid || packer.ready;
    const take = this.windowValid && packer.ready;
    const quiet = !this.readValid;
    const pack = this.waiting && walker.idle && this.idlePipeline && packer.mayStart(this.filled!);
    const word = filler.wordReady && ports.words.available(cycle);
    if (word) ports.words.take(cycle);

    const { packed } = packer;
    let changed = packer.step(take, this.windowLast, ports.freed.at(cycle));
    if (advance && this.moveColumns()) changed = true;
    if (packer.packed !== packed) ports.packed.set(packer.packed, cycle + WRITE_TO_SEEN);
    if (pack) {
      walker.place(this.filled!);
      packer.place(this.filled!);
      this.waiting = false;
    }
    if (walker.step(pack, filler.rowDone, quiet, advance)) changed = true;
    if (filler.step(word)) changed = true;
    this.afterwards(cycle, changed || pack);
  }

  /** One step of the columns, the walker's as it stands first. */
  private moveColumns(): boolean {
    const { walker } = this;
    const moves =
      walker.columnValid || this.readValid || this.pickedValid || this.columnValid || this.windowValid;
    this.windowValid = this.columnValid && this.columnComplete;
    this.windowLast = this.columnLast;
    this.columnValid = this.pickedValid;
    this.columnComplete = this.pickedComplete;
    this.columnLast = this.pickedLast;
    this.pickedValid = this.readValid;
    this.pickedComplete = this.readComplete;
    this.pickedLast = this.readLast;
    this.readValid = walker.columnValid;
    this.readComplete = walker.complete;
    this.readLast = walker.last;
    return moves;
  }

  /** When to act next, and what others may ask. */
  private afterwards(cycle: number, changed: boolean): void {
    const lacking = this.walker.lacksRows && this.idlePipeline;
    if (lacking && !this.lacking) this.lacksRows.open(cycle + 1);
    if (!lacking && this.lacking) this.lacksRows.close(cycle + 1);
    this.lacking = lacking;
    const ready = !this.filler.busy && !this.waiting && this.startedIn < 0;
    if (ready && this.configReadyFrom === UNKNOWN) this.configReadyFrom = cycle + 1;
    if (changed || !this.packer.idle) this.wake(cycle + 1);
  }

  private get idlePipeline(): boolean {
    return !this.readValid && !this.pickedValid && !this.columnValid && !this.windowValid && this.packer.idle;
  }
}
