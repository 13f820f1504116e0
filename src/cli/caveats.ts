/** The caveats of the daemons that one command has asked. Each is printed once. */

import type { Caveats } from '../model/events.js';
import { conditionLine } from './event-line.js';
import { notice } from './notice.js';

export class SaidCaveats {
  readonly #told = new Set<string>();
  readonly #all: Caveats = {};

  /** Says it on stderr, once for each daemon. */
  readonly tell = (caveats: Caveats, server: string): void => {
    Object.assign(this.#all, caveats);
    const line = conditionLine(caveats, server);
    if (!this.#told.has(line)) notice(`warning: ${line}`);
    this.#told.add(line);
  };

  /** A result as `--json` shows it: with the caveats in it, or in each element of a list. */
  addTo(result: unknown): unknown {
    if (this.#told.size === 0 || typeof result !== 'object' || result === null) return result;
    if (!Array.isArray(result)) return { ...result, ...this.#all };
    return result.map((each: unknown) =>
      typeof each === 'object' && each !== null ? { ...each, ...this.#all } : each,
    );
  }
}
