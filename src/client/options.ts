/** What the client and its calls are told. */

import type { Caveats } from '../model/events.js';
import type { HistoryQuery } from '../model/history.js';
import type { TlsCredentials } from '../model/tls-credentials.js';

export interface ClientOptions {
  /** Base URLs of daemons. Default: `http://127.0.0.1:1729`. */
  servers?: readonly string[];
  /**
   * The token to show to daemons (`bender token create`), or a function that returns it, which is called for each
   * request. A user name or password in the URL of a server is sent to that server in its place.
   */
  token?: Token | undefined;
  /**
   * For `https://` servers: the CA to trust and the certificate to show, in PEM, or a function that returns them. It is
   * called for each request, and a new connection is made if it returns another object than before.
   */
  tls?: TlsCredentials | (() => TlsCredentials) | undefined;
  /** Milliseconds that one server has for an answer; default 5000. Higher waits longer for those that hang. */
  timeoutMs?: number;
  /** Who the catalog's history is to name for what is written; default: the address that the daemon sees. */
  author?: string;
  /**
   * Whether look-ups leave a daemon that has just started or is cut off for the next server; UnreachableError if there
   * is none. Default: no, they tell `onCaveats`.
   */
  trusted?: boolean;
  /**
   * Told when a daemon answers a look-up, or a write to the catalog, and says that it has just started (`warming`) or
   * is cut off (`stale`): something may be missing, or be gone in truth.
   */
  onCaveats?: OnCaveats;
}

export type Token = string | (() => string | Promise<string>);

export type OnCaveats = (caveats: Caveats, server: string) => void;

/** For one call. */
export interface CallOptions {
  /** Instead of the client's. */
  timeoutMs?: number;
  signal?: AbortSignal;
}

/** For pointing a backend somewhere. */
export interface SwitchOptions extends CallOptions {
  /** How many must be online for it and not draining; default 1. 0: whatever is online. */
  atLeast?: number;
}

/** For going back to what a backend or frontend was. Ids of edits may be cut short to 7 characters. */
export interface RollbackOptions extends SwitchOptions {
  /** The edit to undo, if it is still the last one. */
  of?: string | undefined;
  /** The edit after which it is to be as it was then. */
  to?: string | undefined;
}

/** Which edits of the catalog, the last ones first: of a backend, of a frontend, of either, or all. */
export type EditQuery = Partial<HistoryQuery>;

/**
 * Registrations of one app, or one app version (which may be a semver range), and with these metadata. Dots in
 * a name lead into objects: `{ 'rack.row': '3' }`.
 */
export type Query = ({ app?: undefined; version?: undefined } | { app: string; version?: string | undefined }) & {
  meta?: Readonly<Record<string, string>> | undefined;
};
