/**
 * With whom a daemon exchanges. Up to {@link meshLimit} daemons everybody does with everybody. Beyond, the
 * members stand on a ring in the order of their run ids, and each exchanges with those 1, 2, 4, 8, … places
 * further (the fingers of Chord, Stoica et al. 2001): log2 n links, as many hops at most, and the same ring for all who
 * know the same members, so that nothing has to be negotiated or repaired: who is lost is not on it.
 *
 * Run ids are random, so neighbours on the ring are not neighbours in a rack, and a restart takes another place.
 */

import type { RunId } from '../../../crdt/ids.js';
/** Daemons in a full mesh. Beyond, its cost (n² exchanges per heartbeat) is more than a hop's delay is worth. */
export const meshLimit = 8;

/** Whom `self` exchanges with, among `members` (all of them, with or without `self`). */
export function neighbours(self: RunId, members: readonly RunId[]): RunId[] {
  const others = members.filter((one) => one !== self);
  if (others.length < meshLimit) return others;
  const ring = [...others, self].sort();
  const place = ring.indexOf(self);
  const chosen: RunId[] = [];
  for (let step = 1; step < ring.length; step *= 2) chosen.push(ring[(place + step) % ring.length]!);
  return chosen;
}
