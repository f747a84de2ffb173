/**
 * The kernel of the cycle count: units that act in some cycles and sleep in the others. A unit stands for the
 * RTL module whose name it has; cycles in which no unit acts are skipped. What a unit does in a cycle is seen by
 * the others from a later cycle on, as through a register, so the order of the units does not matter.
 */

/** A cycle that is not known yet, or never comes. */
export const UNKNOWN = Number.POSITIVE_INFINITY;

export abstract class Unit {
  /** The next cycle in which it acts; UNKNOWN while only another unit can wake it. */
  due = UNKNOWN;
  /** Cycles behind `due` in which it was asked to act, the last first. */
  private readonly later: number[] = [];

  abstract act(cycle: number): void;

  /** It acts in `cycle` too; never, if that is UNKNOWN. */
  wake(cycle: number): void {
    if (cycle === this.due || cycle === UNKNOWN) return;
    let next = cycle;
    if (cycle < this.due) {
      next = this.due;
      this.due = cycle;
    }
    if (next === UNKNOWN) return;
    const { later } = this;
    let at = later.length;
    while (at > 0 && later[at - 1] < next) at--;
    if (later[at - 1] !== next) later.splice(at, 0, next);
  }

  /** Acts in the cycle that is due. */
  turn(): void {
    const cycle = this.due;
    this.due = this.later.pop() ?? UNKNOWN;
    this.act(cycle);
  }
}

/** A register of one unit that others read: each value counts from a cycle on. Asked for in order of time. */
export class Register {
  private value: number;
  private values: number[] = [];
  private times: number[] = [];
  private next = 0;

  constructor(initial = 0) {
    this.value = initial;
  }

  /** What is seen in `cycle`. */
  at(cycle: number): number {
    while (this.next < this.times.length && this.times[this.next] <= cycle)
      this.value = this.values[this.next++];
    if (this.next > 0 && this.next === this.times.length) {
      this.next = 0;
      this.values = [];
      this.times = [];
    }
    return this.value;
  }

  /** `value` is seen from `cycle` on; never before what was set earlier. */
  set(value: number, cycle: number): void {
    this.values.push(value);
    this.times.push(cycle);
  }
}

/** Lets the units act until `done`. */
export function run(units: readonly Unit[], done: () => boolean): void {
  while (!done()) {
    let cycle = UNKNOWN;
    for (const { due } of units) if (due < cycle) cycle = due;
    if (cycle === UNKNOWN) throw new Error('all units of the cycle count wait for one another');
    for (const unit of units) if (unit.due === cycle) unit.turn();
  }
}
