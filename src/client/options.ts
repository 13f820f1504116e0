/** The options of the client and its calls. */

import type { Caveats } from '../model/events.js';
import type { HistoryQuery } from '../model/history.js';
import type { ListedState } from '../model/registration.js';
import type { TlsCredentials } from '../model/tls-credentials.js';

export interface ClientOptions {
  /** Base URLs of daemons. Default: `http://127.0.0.1:1729`. */
  servers?: readonly string[] | undefined;
  /**
   * The token to send to daemons (`bender token create`), or a function that returns it, which is called for each
   * request. A user name or password in the URL of a server is sent to that server instead.
   */
  token?: Token | undefined;
  /**
   * For `https://` servers: the CA to trust and the certificate to show, in PEM, or a function that returns them. It is
   * called for each request, and a new connection is made if it returns another object than before.
   */
  tls?: TlsCredentials | (() => TlsCredentials) | undefined;
  /**
   * Milliseconds that one server has for an answer; default 5000. A higher value waits longer for servers that hang.
   */
  timeoutMs?: number | undefined;
  /** The author of writes in the catalog's history; default: the address that the daemon sees. */
  author?: string | undefined;
  /**
   * The trace that the requests are part of, as W3C Trace Context has it. Daemons log it with the requests that they
   * refuse.
   */
  traceparent?: string | undefined;
  /**
   * Whether look-ups skip a daemon that has just started or is cut off; UnreachableError if there is no other. Default:
   * no, they call `onCaveats`.
   */
  trusted?: boolean | undefined;
  /**
   * Called when the daemon that answers a look-up, or a write to the catalog, has just started (`warming`) or is cut
   * off (`stale`): registrations may be missing, or may be gone in fact.
   */
  onCaveats?: OnCaveats | undefined;
}

export type Token = string | (() => string | Promise<string>);

export type OnCaveats = (caveats: Caveats, server: string) => void;

/** Options of one call. */
export interface CallOptions {
  /** Instead of the client's. */
  timeoutMs?: number | undefined;
  signal?: AbortSignal | undefined;
}

/** Options of a write that points a backend somewhere. */
export interface SwitchOptions extends CallOptions {
  /** How many instances must be online there and not draining; default 1. 0: whatever is online. */
  atLeast?: number | undefined;
}

/** Options of a rollback. Ids of edits may be abbreviated to 7 characters. */
export interface RollbackOptions extends SwitchOptions {
  /** The edit to undo, if it is still the last one. */
  of?: string | undefined;
  /** The edit whose result to restore. */
  to?: string | undefined;
}

/** Which edits of the catalog, newest first: of those that are named, or all. */
export type EditQuery = Partial<HistoryQuery>;

/**
 * Registrations of one app, or one app version (which may be a semver range), and with these metadata. Dots in
 * a name lead into objects: `{ 'rack.row': '3' }`.
 */
export type Query = ({ app?: undefined; version?: undefined } | { app: string; version?: string | undefined }) & {
  meta?: Readonly<Record<string, string>> | undefined;
  /** `unhealthy`: those that are offline only because their health check fails. Default: those that are online. */
  state?: ListedState | undefined;
};
