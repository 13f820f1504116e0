/** Those that cannot be made to run, and why: the others are measured all the same. */

import { interleave } from '../helpers/rounds.js';

/** ms that one work may take, which is several times what the longest takes. */
const patience = 180_000;

export class LeftOut {
  readonly reasons = new Map<string, string>();

  /** Without this one there is nothing to be said: where it fails, all does. */
  constructor(private readonly indispensable: string) {}

  /** Undefined where it fails, or where something failed before under the same name. */
  async unless<T>(name: string, work: () => Promise<T>): Promise<T | undefined> {
    if (this.reasons.has(name)) return undefined;
    try {
      return await within(patience, work());
    } catch (error) {
      if (name === this.indispensable) throw error;
      this.reasons.set(name, error instanceof Error ? error.message : String(error));
      return undefined;
    }
  }

  /** What each of them answers, in turns, by its name; those that answer nothing are missing. */
  async inTurns<T>(rounds: number, works: Record<string, (() => Promise<T>) | undefined>): Promise<Map<string, T[]>> {
    const turns: Record<string, () => Promise<T | undefined>> = {};
    for (const [name, work] of Object.entries(works)) if (work) turns[name] = () => this.unless(name, work);
    const found = new Map<string, T[]>();
    for (const [name, all] of Object.entries(await interleave(rounds, turns))) {
      const answers = all.filter((one) => one !== undefined);
      if (answers.length > 0) found.set(name, answers);
    }
    return found;
  }
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`nothing within ${ms / 1000} s`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
