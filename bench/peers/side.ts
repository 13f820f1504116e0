/** A registry as the benchmark `peers` sees it: bender, or one of those that it is compared with. */

import type { EventType } from '../helpers/awaited.js';

export interface Side {
  name: string;
  /** Starts one with nothing in it, after it was fetched where it has not been. Throws where it cannot be had. */
  start(): Promise<Started>;
  /** Starts one, or a cluster of three where it is one, with a watcher; missing where nobody can watch. */
  watched?: () => Promise<Watched>;
}

/** Instances are told by their numbers; each stays for longer than the benchmark takes. */
export interface Started {
  fill(live: number): Promise<void>;
  /** How many a second can be registered that never were before, of those from `from` on. */
  register(from: number): Promise<number>;
  renew(live: number): Promise<number>;
  /** Asks for the ten instances of one app version. */
  query(live: number): Promise<number>;
  /** MB, of all its processes. */
  rss(): number;
  stop(): Promise<void>;
}

/** Where an event is awaited at another member than the one that registers, if there are any. */
export interface Watched {
  /** ms, as short as can be; missing where nothing expires by itself. */
  ttl?: number;
  /** What must be there before instances `from` to `to` - 1 can be registered. */
  prepare?(from: number, to: number): Promise<void>;
  register(index: number): Promise<unknown>;
  next(type: EventType, id: string): Promise<number>;
  stop(): Promise<void>;
}
