/** A request and its answer, apart from http.ts: the published types of the client must not need those of Node. */

import type { Caveats } from '../model/events.js';
import type { TlsCredentials } from '../model/tls-credentials.js';

export interface HttpRequest {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Path and query, encoded. */
  path: string;
  /** Sent as JSON. */
  body?: unknown;
  headers?: Record<string, string>;
  /** Milliseconds until the whole response must have arrived; for a stream, its headers. */
  timeoutMs: number;
  signal?: AbortSignal | undefined;
  /** Whether only a daemon's response is read: that of another server may be endless. */
  ofDaemon?: boolean;
  /** For `https:`: the certificates to trust and to present. */
  tls?: TlsCredentials | undefined;
}

export interface HttpAnswer {
  status: number;
  body: string;
  /** Whether the request was sent twice, on a new connection when the kept one was found closed. */
  resent?: boolean;
  /** Whether it carries the header of a daemon. */
  isBender: boolean;
  /** Its media type, such as `text/html`. */
  type: string;
  /** Seconds after which the server may be asked again (Retry-After). */
  retryAfter?: number;
  /** The daemon's caveats about its answer; empty if there are none. */
  caveats: Caveats;
}
