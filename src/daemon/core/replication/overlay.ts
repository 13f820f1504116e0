/**
 * Which members a daemon exchanges with. Up to {@link meshLimit} daemons: all of them. Beyond that, the members form a
 * ring in the order of their run ids, and each exchanges with those 1, 2, 4, 8, … places further (the fingers of Chord,
 * Stoica et al. 2001): log2 n links, and as many hops at most. Daemons that know the same members compute the same
 * ring, so nothing has to be negotiated or repaired: a lost daemon is not on it.
 *
 * Run ids are random, so neighbours on the ring are not neighbours in a rack, and a restart takes another place.
 */

import type { RunId } from '../../../crdt/ids.js';
/** The largest full mesh. Beyond it, n² exchanges per heartbeat cost more than the delay of a hop. */
export const meshLimit = 8;

/** The members that `self` exchanges with. `members` are all of them, with or without `self`. */
export function neighbours(self: RunId, members: readonly RunId[]): RunId[] {
  const others = members.filter((one) => one !== self);
  if (others.length < meshLimit) return others;
  const ring = [...others, self].sort();
  const place = ring.indexOf(self);
  const chosen: RunId[] = [];
  for (let step = 1; step < ring.length; step *= 2) chosen.push(ring[(place + step) % ring.length]!);
  return chosen;
}
