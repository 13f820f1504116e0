/** Which daemons could talk to each other, directly or through others, and when anything was done to them. */

interface Survey {
  at: number;
  /** `A B`, both ways, and `A A` for each that is up. */
  pairs: ReadonlySet<string>;
}

/** A daemon that goes within this many ms of answering may take its answer with it. */
const afterthought = 200;

export class Connections {
  readonly #surveys: Survey[] = [];
  readonly #incidents = new Map<string, number[]>();

  /** A daemon was killed, stopped, paused or resumed. */
  incident(daemon: string, at: number): void {
    this.#incidents.set(daemon, [...(this.#incidents.get(daemon) ?? []), at]);
  }

  /** To be told after each change. `cuts` are `A>B`: nothing gets from A to B. */
  survey(at: number, up: readonly string[], cuts: ReadonlySet<string>): void {
    const pairs = new Set<string>();
    for (const start of up) {
      const reached = new Set([start]);
      for (const from of reached)
        for (const to of up) if (!cuts.has(`${from}>${to}`) && !cuts.has(`${to}>${from}`)) reached.add(to);
      for (const name of reached) pairs.add(`${start} ${name}`);
    }
    this.#surveys.push({ at, pairs });
  }

  /** Whether two daemons, or one, could exchange all the time. */
  connected(a: string, b: string, from: number, to: number): boolean {
    const before = this.#surveys.findLast(({ at }) => at <= from);
    const meanwhile = this.#surveys.filter(({ at }) => at > from && at <= to);
    return before !== undefined && [before, ...meanwhile].every(({ pairs }) => pairs.has(`${a} ${b}`));
  }

  /** How many daemons, itself included, one could reach at that moment. */
  reach(daemon: string, at: number): number {
    const pairs = this.#surveys.findLast((survey) => survey.at <= at)?.pairs ?? new Set<string>();
    return [...pairs].filter((pair) => pair.startsWith(`${daemon} `)).length;
  }

  up(at: number): string[] {
    const pairs = this.#surveys.findLast((survey) => survey.at <= at)?.pairs ?? new Set<string>();
    return [...pairs].map((pair) => pair.split(' ')).flatMap(([a, b]) => (a === b ? [a!] : []));
  }

  /** When anything last changed, up to that moment. */
  disturbedBefore(at: number): number {
    return this.#surveys.findLast((survey) => survey.at <= at)?.at ?? -Infinity;
  }

  /** Whether an answer is worth what it says: the daemon that gave it lived on for a moment. */
  counts({ daemon, sent, ended }: { daemon: string; sent: number; ended: number }): boolean {
    return !this.#incidents.get(daemon)?.some((incident) => incident >= sent - 1 && incident <= ended + afterthought);
  }
}
