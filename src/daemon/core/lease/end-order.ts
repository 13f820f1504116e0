/**
 * For how long a daemon waits for another one to end a drain: not at all if it holds the entry. The others end it one
 * after the other, so that one of them writes the end, and not all at once. They agree on the order without asking.
 */

import type { RunId } from '../../../crdt/ids.js';
import type { View } from '../../../crdt/view.js';
import type { RegistrationId } from '../../../model/registration.js';
import { hash } from '../checks/hash.js';
import type { Membership } from '../membership/membership.js';

/** ms that the holder has to end it and tell the others. */
const tellMs = 500;

/** ms from one daemon to the next, and the rank from which on they wait equally long. */
const stepMs = 250;
const lastRank = 4;

export function patienceOf(
  id: RegistrationId,
  self: RunId,
  view: Pick<View, 'copies' | 'winner'>,
  membership: Pick<Membership, 'live'>,
): number {
  const holders = new Set(view.copies(id).map(({ holder }) => holder));
  if (holders.has(self)) return 0;
  const score = (runId: RunId): number => hash(`${id} ${runId}`);
  const own = score(self);
  const before = membership.live().filter(({ runId }) => !holders.has(runId) && score(runId) > own);
  return tellMs + stepMs * Math.min(before.length, lastRank);
}
