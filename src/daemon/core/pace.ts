/** How often the log repeats what lasts: at once, after 10 s, 1 min, 10 min, and every 10 min from then on. */

const reportAfterMs = [0, 10_000, 60_000, 600_000];

/** Things that are kept in mind at a time. */
const mostThings = 256;

/** After how many ms the report with this number (from 0) is due. */
export function reportDueMs(report: number): number {
  const last = reportAfterMs.length - 1;
  return report <= last ? reportAfterMs[report]! : (report - last + 1) * reportAfterMs[last]!;
}

export class Pace {
  /** Since when each lasts, and how often it was reported. */
  readonly #things = new Map<string, { since: number; reports: number }>();

  /** @param now  monotonic ms */
  constructor(private readonly now: () => number) {}

  /** Whether to report now that `thing` is so. To be asked whenever it is. */
  isDue(thing: string): boolean {
    let known = this.#things.get(thing);
    if (!known) {
      if (this.#things.size >= mostThings) this.#things.delete(this.#things.keys().next().value!);
      this.#things.set(thing, (known = { since: this.now(), reports: 0 }));
    }
    if (this.now() - known.since < reportDueMs(known.reports)) return false;
    known.reports++;
    return true;
  }

  /** `thing` is so no longer: the next time is news. Returns whether it had been reported. */
  end(thing: string): boolean {
    return this.#things.delete(thing);
  }
}
