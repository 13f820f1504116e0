/**
 * Keeps repeated warnings from filling the log. A warning about a subject is written at once. While it is repeated it
 * is only counted, and written with the last one's fields and the count (`times`): after 10 s, 1 min, 10 min, and every
 * 10 min from then on. A warning that has not been repeated for ten minutes, or is resolved, is news again.
 *
 * Peers and clients choose the texts, so only their beginnings are kept and compared.
 */

import type { MonotonicTime } from '../crdt/clocks.js';
import { printableCopy } from '../model/printable.js';
import type { Log, Subject, WarningFields } from './core/log.js';
import type { Runtime, Timer } from './core/runtime.js';

/** Where lines are written: a log without limits. */
export type LogSink = Omit<Log, 'resolve'>;

type Level = 'warn' | 'error';

/** ms from one report of a repeated warning to the next; the last one from then on. */
const reportEveryMs = [10_000, 50_000, 540_000, 600_000];

/** ms without a repetition after which a warning is forgotten. */
const forgetAfterMs = 600_000;

/** Warnings that are told apart by their subject. Beyond that a warning is about all others at once. */
const mostSubjects = 500;

/** Reasons of one warning that are written at once. Beyond that reasons are not told apart. */
const mostReasons = 5;

/** ms between two searches for warnings that can be forgotten. */
const sweepEveryMs = 60_000;

interface Repeated {
  readonly message: string;
  readonly reasons: Set<unknown>;
  level: Level;
  /** Of the last one. */
  fields: WarningFields;
  lastAt: MonotonicTime;
  /** How often it was written, and when that is due again. */
  reports: number;
  dueAt: MonotonicTime;
  /** Warnings that were not written yet. */
  times: number;
}

export class LimitedLog implements Log {
  readonly #repeated = new Map<string, Repeated>();
  #sweptAt: MonotonicTime = -Infinity;
  #timer: Timer | undefined;
  #timerAt: MonotonicTime = Infinity;

  constructor(
    private readonly sink: LogSink,
    private readonly clock: Pick<Runtime, 'now' | 'after'>,
  ) {}

  debug(fields: object, message: string): void {
    this.sink.debug(fields, message);
  }

  info(fields: object, message: string): void {
    this.sink.info(fields, message);
  }

  warn(fields: WarningFields, message: string): void {
    this.#limit('warn', fields, message);
  }

  error(fields: WarningFields, message: string): void {
    this.#limit('error', fields, message);
  }

  resolve(warning: string, fields: WarningFields, message: string): void {
    if (this.#repeated.delete(keyOf(warning, printableCopy(fields)))) this.sink.info(fields, message);
  }

  /** Writes what was only counted so far. */
  flush(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    for (const repeated of this.#repeated.values()) if (repeated.times > 0) this.#report(repeated);
  }

  #limit(level: Level, given: WarningFields, message: string): void {
    const now = this.clock.now();
    const fields = printableCopy(given);
    const repeated = this.#find(fields, message);
    const { reasons } = repeated;
    const isNews = reasons.size < mostReasons && !reasons.has(fields.reason);
    if (isNews) reasons.add(fields.reason);
    Object.assign(repeated, { level, fields, lastAt: now, times: repeated.times + 1 });
    if (isNews || now >= repeated.dueAt) this.#report(repeated);
    else this.#wakeAt(repeated.dueAt);
  }

  #find(fields: WarningFields, message: string): Repeated {
    const now = this.clock.now();
    let key = keyOf(message, fields);
    if (!this.#repeated.has(key) && this.#repeated.size >= mostSubjects) {
      this.#sweep();
      if (this.#repeated.size >= mostSubjects) key = message;
    }
    let repeated = this.#repeated.get(key);
    if (!repeated || isForgotten(repeated, now)) {
      const [reasons, level] = [new Set<unknown>(), 'warn' as const];
      repeated = { message, reasons, level, fields, lastAt: now, reports: 0, dueAt: now, times: 0 };
      this.#repeated.set(key, repeated);
    }
    return repeated;
  }

  #report(repeated: Repeated): void {
    const { level, fields, message, times, reports } = repeated;
    repeated.times = 0;
    repeated.reports++;
    repeated.dueAt = this.clock.now() + reportEveryMs[Math.min(reports, reportEveryMs.length - 1)]!;
    this.sink[level](times > 1 ? { ...fields, times } : fields, message);
  }

  #wakeAt(time: number): void {
    if (this.#timer && this.#timerAt <= time) return;
    this.#timer?.cancel();
    this.#timerAt = time;
    // Whole ms: a delay that vanishes in the rounding of a sum of times would come due again and again at one time.
    this.#timer = this.clock.after(Math.ceil(time - this.clock.now()), () => this.#reportDue());
  }

  #reportDue(): void {
    this.#timer = undefined;
    const now = this.clock.now();
    for (const repeated of this.#repeated.values()) {
      if (repeated.times === 0) continue;
      if (now >= repeated.dueAt) this.#report(repeated);
      else this.#wakeAt(repeated.dueAt);
    }
  }

  #sweep(): void {
    const now = this.clock.now();
    if (now - this.#sweptAt < sweepEveryMs) return;
    this.#sweptAt = now;
    for (const [key, repeated] of this.#repeated) if (isForgotten(repeated, now)) this.#repeated.delete(key);
  }
}

/** @param subject  with printable texts */
const keyOf = (message: string, { address, peer, document }: Subject): string =>
  JSON.stringify([message, address ?? peer ?? document]);

const isForgotten = ({ lastAt, times }: Repeated, now: MonotonicTime): boolean =>
  times === 0 && now - lastAt >= forgetAfterMs;
