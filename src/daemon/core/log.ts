/**
 * The log of the daemon, for the core and the edges. Each part of the daemon has a logger of its own: each line carries
 * the name of its part, and the level can be set per part.
 */

/** The parts, named as the rooms of the core (docs/architecture.md) and what is around them. */
export const logParts = [
  'http',
  'peers',
  'membership',
  'documents',
  'leases',
  'events',
  'catalog',
  'lifecycle',
] as const;

export type LogPart = (typeof logParts)[number];

/** Fields that name what a warning is about. Warnings about different subjects are independent of each other. */
export interface Subject {
  /** An address, which is known for certain. Anyone may claim to be any `peer`, or to write any `document`. */
  address?: unknown;
  peer?: unknown;
  document?: unknown;
}

export interface WarningFields extends Subject {
  /** Why it happened. Another reason than before is news. */
  reason?: unknown;
  [more: string]: unknown;
}

export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  /** A warning that is repeated may be counted and written later (src/daemon/limited-log.ts). */
  warn(fields: WarningFields, message: string): void;
  error(fields: WarningFields, message: string): void;
  /**
   * What `warning` says of this subject is over. Writes `message` at level info if the warning was written; the warning
   * is news again.
   */
  resolve(warning: string, fields: WarningFields, message: string): void;
}

/**
 * For a promise that is not awaited: returns what to `catch` it with, which logs the error. Such a promise rejects only
 * because of a bug.
 *
 * @param work  what the promise stands for, as the subject of a sentence
 */
export const logFailure =
  (log: Pick<Log, 'error'>, work: string, subject: Subject = {}) =>
  (error: unknown): void =>
    log.error({ ...subject, err: error, reason: String(error) }, `${work} failed because of a bug in bender`);

export type Logs = Readonly<Record<LogPart, Log>>;
