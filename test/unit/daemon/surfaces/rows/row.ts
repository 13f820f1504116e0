/** What the table test wants to know of a surface. */

import type { SurfaceCounts } from '../../../../../src/daemon/surfaces/counts.js';
import type { ApiServer } from '../../../../helpers/api-server.js';

/** An instance as the clients of a surface see it. */
export interface Shown {
  /** `10.0.0.1:80`, IPv6 in brackets. */
  at: string;
  /** Relative to the others; absent if the surface shows none. */
  weight?: number;
  /** Whether it is shown as draining. */
  draining?: boolean;
}

export interface Seen {
  /** `keep`: the client keeps what it has. */
  shown: Shown[] | 'keep';
  /** All that was sent: the same state is the same bytes. */
  bytes: string;
  etag?: string | undefined;
}

export interface Row {
  /**
   * Asks for the instances of the app `web`, or of the frontend `www`, which serves the backend `web`, as a client
   * does.
   *
   * @param known  the ETag of what it has
   * @param near   the zone that is preferred, if the surface has preferences: what stands by is not shown
   */
  ask: (server: ApiServer, known?: string, near?: string) => Promise<Seen>;
  /** The bytes that say that there are none. */
  empty: string | RegExp;
  /** How an instance appears that drains. */
  draining: 'marked' | 'absent' | 'shown';
  /** Whether it can express a host that is a name. */
  hostName: 'shown' | 'left out';
  /** The weights of two instances of 1.0.0 with 90, and one of 2.0.0 with 10; undefined: it shows none. */
  split: [one: number, other: number, small: number] | undefined;
  /** Whether its clients may prefer near instances. */
  near: boolean;
  /** How many of 5,000 instances it shows: fewer only where a protocol has no room. */
  most: number | 'some';
  /** A registration that it cannot express, beside host names; undefined: it can express all. */
  odd?: { app: 'web'; version: string; host: string; port: number };
  /** Whether it has ETags, as everything has that is asked by GET. */
  etag: boolean;
  /** Its counts, if it is not one of the HTTP surfaces. */
  counts?: (server: ApiServer) => SurfaceCounts;
}
