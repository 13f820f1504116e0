/** Counts and logs refusals because of limits. */

import type { Log } from '../core/log.js';

/** Each with its log message. */
const kinds = {
  connections: 'refused a connection: too many are open (--max-connections)',
  connectionsOfAddress: 'refused a connection: too many are open from this address (--max-connections-per-address)',
  watchers: 'refused a watcher: too many are open (--max-watchers)',
  watchersOfAddress: 'refused a watcher: too many are open from this address (--max-watchers-per-address)',
  bodies: 'refused a request: the bodies that are being received take too much memory',
  unread: 'refused a request: the answers that clients have not read yet take too much memory',
  stalled: 'closed a connection on which a request or an answer made no progress',
  slowWatcher: 'cut off a watcher that reads too slowly',
  overload: 'refused requests other than renewals: this daemon is overloaded',
  wrongTokens: 'refused requests with wrong tokens: too many come from this address',
  catalogWrites: 'refused a change of the catalog: too many in too short a time (--max-catalog-writes)',
  catalogWritesOfToken: 'refused a change of the catalog: too many in too short a time for its token',
  requests: 'refused a request: too many in too short a time (--max-requests)',
  requestsOfToken: 'refused a request: too many in too short a time for its token',
  registrations: 'refused a registration: this daemon holds as many as it may (--max-registrations)',
  registrationsOfToken: 'refused a registration: its token has as many as it may have',
  metaBytes: 'refused metadata: this daemon holds as much as it may (--max-meta-bytes)',
  metaBytesOfToken: 'refused metadata: its token has as much as it may have',
} as const;

export type Refusal = keyof typeof kinds;

export class LoadCounters {
  readonly #counts: Partial<Record<Refusal, number>> = {};

  constructor(private readonly log: Pick<Log, 'warn'>) {}

  /**
   * @param client  its address: one of many, so that the log does not tell them apart
   * @param token  the name of its token
   */
  count(kind: Refusal, client?: string, token?: string): void {
    const count = (this.#counts[kind] ?? 0) + 1;
    this.#counts[kind] = count;
    const from = { ...(client !== undefined && { client }), ...(token !== undefined && { token }) };
    this.log.warn({ ...from, count }, kinds[kind]);
  }

  /** How many of each kind there were since the start; kinds without any are left out. */
  get counts(): Readonly<Partial<Record<Refusal, number>>> {
    return this.#counts;
  }
}
