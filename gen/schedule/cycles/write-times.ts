/** Cycles in which a unit writes into the feature memory; those asked for are forgotten. */

/** So many forgotten ones are kept at most. */
const KEPT = 4096;

export class WriteTimes {
  private cycles: number[] = [];
  private asked = 0;

  /** In order of time. */
  add(cycle: number): void {
    this.cycles.push(cycle);
  }

  /** Whether it writes in `cycle`; asked in order of time. */
  has(cycle: number): boolean {
    while (this.asked < this.cycles.length && this.cycles[this.asked] < cycle) this.asked++;
    if (this.asked > KEPT) {
      this.cycles = this.cycles.slice(this.asked);
      this.asked = 0;
    }
    return this.cycles[this.asked] === cycle;
  }
}
