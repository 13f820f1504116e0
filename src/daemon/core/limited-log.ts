/**
 * The log for what peers and clients do: none of them can fill it. Of each warning about each of them the first is written at once.
 * Those that follow are counted, and written as one line once a minute, with the last one's fields and `times`.
 */

import type { Log } from './runtime.js';

/** ms for which a warning that was written is only counted. */
const quietMs = 60_000;

/** Peers and clients that are told apart, times the warnings about them. Beyond that a warning is about all others at once. */
const keptMost = 500;

/** What a warning is about: `address` is known for certain, while anyone may say that it is any `peer`, or writes any `document`. */
interface Fields {
  address?: unknown;
  peer?: unknown;
  document?: unknown;
  [more: string]: unknown;
}

type Level = 'warn' | 'error';

interface Known {
  writtenAt: number;
  /** Warnings since then, and the last of them. */
  times: number;
  level: Level;
  fields: Fields;
  message: string;
}

export class LimitedLog implements Log {
  /** In the order in which they were written. */
  readonly #known = new Map<string, Known>();

  /** @param now  monotonic ms */
  constructor(
    private readonly log: Log,
    private readonly now: () => number,
  ) {}

  debug(fields: object, message: string): void {
    this.log.debug(fields, message);
  }

  info(fields: object, message: string): void {
    this.log.info(fields, message);
  }

  warn(fields: Fields, message: string): void {
    this.#limit('warn', fields, message);
  }

  error(fields: Fields, message: string): void {
    this.#limit('error', fields, message);
  }

  #limit(level: Level, fields: Fields, message: string): void {
    const key = this.#keyOf(fields, message);
    const known = this.#known.get(key);
    if (known) Object.assign(known, { times: known.times + 1, level, fields });
    this.#writeDue();
    if (known) return;
    this.#known.set(key, { writtenAt: this.now(), times: 0, level, fields, message });
    this.log[level](fields, message);
  }

  #keyOf({ address, peer, document }: Fields, message: string): string {
    const key = JSON.stringify([message, address ?? peer ?? document]);
    return this.#known.has(key) || this.#known.size < keptMost ? key : message;
  }

  /** Sums up what was counted for a minute, and forgets what did not come again. */
  #writeDue(): void {
    const now = this.now();
    for (const [key, known] of this.#known) {
      if (now - known.writtenAt < quietMs) return;
      this.#known.delete(key);
      const { times, level, fields, message } = known;
      if (times === 0) continue;
      this.#known.set(key, { ...known, writtenAt: now, times: 0 });
      this.log[level](times > 1 ? { ...fields, times } : fields, message);
    }
  }
}
