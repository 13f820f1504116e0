/** What the rest of a lease looks like. */

import type { LeaseInfo } from '../../model/lease.js';

/** The parts that a ring is drawn of: it is drawn again only if this number of parts has changed. */
export const ringParts = 24;

export interface Remaining {
  /** How much of the ring is left, from 0 to {@link ringParts}. */
  parts: number;
  /** Why it is about to expire; undefined if it is not. */
  late: string | undefined;
}

/** Undefined if the holder has not said. */
export function remainingOf({ ttl, remaining, lost, holder }: LeaseInfo): Remaining | undefined {
  if (remaining === undefined) return undefined;
  const late = lost
    ? `${holder}, which holds it, is lost`
    : remaining < ttl / 2
      ? 'it has not renewed for more than half of its TTL'
      : undefined;
  return { parts: Math.min(ringParts, Math.ceil((remaining / ttl) * ringParts)), late };
}

/** `2.7 s`, `45 s`, `12 min`. */
export function duration(ms: number): string {
  if (ms < 10_000) return `${Math.round(ms / 100) / 10} s`;
  return ms < 600_000 ? `${Math.round(ms / 1000)} s` : `${Math.round(ms / 60_000)} min`;
}

/** The ids for one request: at most `most`, and of so many characters; from `at` on, and then from the beginning. */
export function nextOf(ids: readonly string[], at: number, most: number, characters: number): string[] {
  const turned = [...ids.slice(at), ...ids.slice(0, at)].slice(0, most);
  let length = 0;
  return turned.filter((id) => (length += encodeURIComponent(id).length + 14) <= characters);
}
