/**
 * Looks up the names of probed instances, a few at a time: the look-ups of Node share four threads with all files. Each
 * name is looked up once for all its probes, and names that take long do not keep others waiting.
 */

import { lookup, type LookupAddress } from 'node:dns';

/** Look-ups under way at once: of all names, and of those of each pace. */
const atOnce = 3;
const atOnceOf = { fast: 2, unknown: 1, slow: 1 } as const;

/** ms for which the result of a look-up is used. */
const keptMs = 5000;

/** ms that the look-up of a fast name takes at most. */
const slowMs = 500;

/** Names whose pace is known. */
const mostKnown = 10_000;

type Pace = keyof typeof atOnceOf;

/** Calls back with all addresses of a name. */
export type Resolve = (name: string, done: Done) => void;

type Done = (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void;

/** As the system does it, with /etc/hosts. */
const bySystem: Resolve = (name, done) => lookup(name, { all: true }, done);

interface Known {
  pace: Exclude<Pace, 'unknown'>;
  until: number;
  result: Parameters<Done>;
}

export class Lookups {
  readonly #known = new Map<string, Known>();
  /** Names to look up, in the order in which they were asked for, and the probes that wait for each. */
  readonly #waiting = new Map<string, Set<Done>>();
  readonly #underWay = new Map<string, Pace>();

  /** @param now  monotonic ms */
  constructor(
    private readonly resolve: Resolve = bySystem,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Calls back with all addresses of a name, unless `signal` has aborted by then. */
  addressesOf(name: string, signal: AbortSignal, done: Done): void {
    if (signal.aborted) return;
    const known = this.#known.get(name);
    if (known && this.now() < known.until) return void process.nextTick(done, ...known.result);
    const asked = this.#waiting.get(name) ?? new Set();
    const forget = (): void => this.#forget(name, callBack);
    const callBack: Done = (...result) => {
      signal.removeEventListener('abort', forget);
      done(...result);
    };
    this.#waiting.set(name, asked.add(callBack));
    signal.addEventListener('abort', forget, { once: true });
    this.#begin();
  }

  /** A look-up that has begun goes on: it cannot be stopped, and its result is of use to the next probe. */
  #forget(name: string, done: Done): void {
    const asked = this.#waiting.get(name);
    asked?.delete(done);
    if (asked?.size === 0 && !this.#underWay.has(name)) this.#waiting.delete(name);
  }

  #begin(): void {
    for (const name of this.#waiting.keys()) {
      if (this.#underWay.size >= atOnce) return;
      if (this.#underWay.has(name)) continue;
      const pace = this.#known.get(name)?.pace ?? 'unknown';
      const taken = [...this.#underWay.values()].filter((one) => one === pace).length;
      if (taken < atOnceOf[pace]) this.#lookUp(name, pace);
    }
  }

  #lookUp(name: string, pace: Pace): void {
    const began = this.now();
    this.#underWay.set(name, pace);
    this.resolve(name, (...result) => {
      const asked = this.#waiting.get(name);
      this.#underWay.delete(name);
      this.#waiting.delete(name);
      this.#learn(name, { pace: this.now() - began > slowMs ? 'slow' : 'fast', until: this.now() + keptMs, result });
      this.#begin();
      for (const done of asked ?? []) done(...result);
    });
  }

  /** What was learned first goes when there is too much. */
  #learn(name: string, known: Known): void {
    this.#known.delete(name);
    this.#known.set(name, known);
    if (this.#known.size > mostKnown) this.#known.delete(this.#known.keys().next().value!);
  }
}
