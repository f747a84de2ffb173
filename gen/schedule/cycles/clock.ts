/**
 * The kernel of the cycle count: units that act in some cycles and sleep in the others, and what they see of one
 * another. A unit stands beside the RTL module whose name it has, and does in `act` what that module does in one
 * cycle; cycles in which no unit acts are skipped.
 */

export interface Unit {
  /** The next cycle in which it acts; Infinity while only another unit can wake it. */
  due: number;
  /** One cycle. What it sets is seen by others from a later cycle on, so the order of units does not matter. */
  act(cycle: number): void;
}

/** `unit` acts in `cycle`, or before it. */
export function wake(unit: Unit, cycle: number): void {
  if (cycle < unit.due) unit.due = cycle;
}

/** A register of one unit that others read: each value counts from a cycle on. Asked for in order of time. */
export class Register {
  private value: number;
  private readonly values: number[] = [];
  private readonly times: number[] = [];
  private next = 0;

  constructor(initial = 0) {
    this.value = initial;
  }

  /** What is seen in `cycle`. */
  at(cycle: number): number {
    while (this.next < this.times.length && this.times[this.next] <= cycle) this.value = this.values[this.next++];
    if (this.next === this.times.length && this.next > 0) this.next = this.times.length = this.values.length = 0;
    return this.value;
  }

  /** `value` is seen from `cycle` on; never before what was set earlier. */
  set(value: number, cycle: number): void {
    this.values.push(value);
    this.times.push(cycle);
  }

  /** The cycle from which the last value set is seen, 0 if it already is. */
  get settles(): number {
    return this.next < this.times.length ? this.times[this.times.length - 1] : 0;
  }
}

/** Lets the units act until `done`, cycle after cycle. */
export function run(units: readonly Unit[], done: () => boolean): void {
  while (!done()) {
    let cycle = Number.POSITIVE_INFINITY;
    for (const { due } of units) if (due < cycle) cycle = due;
    if (cycle === Number.POSITIVE_INFINITY) throw new Error('all units of the cycle count wait for one another');
    for (const unit of units) {
      if (unit.due !== cycle) continue;
      unit.due = Number.POSITIVE_INFINITY;
      unit.act(cycle);
    }
  }
}
