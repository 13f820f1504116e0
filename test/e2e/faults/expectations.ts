/** What must be so at a daemon at a moment, by what is known of the services and the network. */

import type { Attempt, History } from './history.js';

/** The peer timeout of the daemons. */
const peerTimeout = 2000;

/** ms that an announcement may take to be everywhere, lost messages included. */
const announcement = 1000;

/**
 * ms by which anything may be late because this machine is busy: five daemons, a hundred services and the
 * test share its cores, and lease clocks stand still while their daemons do.
 */
export const slack = 1500;

/** Whether two daemons were connected when one gave an answer, and for as long as passing it on takes. */
const heardOf = ({ connections }: History, { daemon, sent, ended }: Attempt, observer: string): boolean =>
  connections.connected(daemon, observer, sent - announcement, ended + announcement / 2);

/**
 * Whether a registration was kept alive so well, at daemons connected to `observer`, that it must be online
 * there: every gap of the last while is at most TTL - 500 ms, and nobody deleted it. Invariant 1.
 */
export function mustBeOnline(history: History, id: string, observer: string, at: number): boolean {
  const { connections } = history;
  const { ttl } = history.services.get(id)!;
  if (history.attempts(id).some(({ kind, sent }) => kind === 'deregister' && sent <= at)) return false;
  const useful = history
    .acknowledged(id)
    .filter((ack) => ack.sent <= at && connections.counts(ack) && heardOf(history, ack, observer));
  let next = at;
  let allowed = ttl - 1;
  for (const ack of useful.reverse()) {
    if (next - ack.sent > allowed) return false;
    // A daemon that has just started or come back knows only what it was told since.
    if (!connections.connected(observer, observer, ack.sent - announcement, at)) return false;
    if (ack.sent < at - 2 * ttl - 3000) return true;
    next = ack.ended;
    allowed = ttl - 500;
  }
  return useful.length > 0 && at - next >= announcement;
}

/**
 * Until when a registration that is online at `observer` may be so if nothing else is heard of it. Infinity
 * where the observer takes itself for cut off. Invariant 2, and 9 for what was deleted.
 */
export function mayBeOnlineUntil(
  history: History,
  { id, since, observer, at }: { id: string; since: number; observer: string; at: number },
): number {
  const { connections } = history;
  if (connections.reach(observer, at) * 2 < daemonsKnown) return Infinity;
  const earlier = history.attempts(id).filter(({ sent }) => sent <= at);
  const disturbed = connections.disturbedBefore(at);
  const deleted = earlier.find(({ kind, outcome }) => kind === 'deregister' && outcome !== 'refused');
  if (deleted && deleted.outcome !== 'lost' && heardOf(history, deleted, observer))
    return Math.max(deleted.ended, since) + slack;

  const { ttl } = history.services.get(id)!;
  const sustained = earlier.filter(({ outcome }) => outcome === 'acknowledged' || outcome === 'lost');
  const last = Math.max(since, ...sustained.map(({ ended }) => ended));
  return disturbed < last - ttl
    ? last + ttl + 500 + slack
    : Math.max(last, disturbed) + peerTimeout + ttl + 1000 + slack;
}

/** How many there are when all are there: a daemon that hears fewer than half takes itself for cut off. */
const daemonsKnown = 5;
