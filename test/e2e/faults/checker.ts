/** Compares what the daemons said with what happened, and says where they broke a promise. */

import { mayBeOnlineUntil, mustBeOnline, slack } from './expectations.js';
import type { History } from './history.js';
import type { Story, Transition } from './story.js';

export interface Violation {
  invariant: 'no flapping' | 'timely expiry' | 'exactly once' | 'deletes stay' | 'convergence';
  at: number;
  what: string;
  id?: string;
}

/** All that was broken between two moments. */
export function violationsIn(history: History, stories: Iterable<Story>, from: number, to: number): Violation[] {
  const told = [...stories].flatMap((story) => [
    ...story.contradictions.map((what): Violation => ({ invariant: 'exactly once', at: to, what })),
    ...story.transitions.filter(({ at }) => at >= from && at <= to).flatMap((transition) => judge(history, transition)),
    ...lingering(history, story, to),
  ]);
  return [...told, ...incomplete(history, from, to)];
}

function judge(history: History, { id, daemon, at, online, since, reason }: Transition): Violation[] {
  const found: Violation[] = [];
  const say = (invariant: Violation['invariant'], what: string): void =>
    void found.push({ invariant, at, id, what: `${daemon} ${what} ${id}` });
  if (!history.services.has(id)) return [];
  if (online) {
    const deleted = history.attempts(id).find(({ kind, outcome }) => kind === 'deregister' && outcome !== 'lost');
    const couldKnow = deleted && history.connections.connected(deleted.daemon, daemon, at - slack, at);
    if (couldKnow && reason !== 'missed' && at > deleted.ended + slack) say('deletes stay', 'brings back');
    return found;
  }
  if (mustBeOnline(history, id, daemon, at)) say('no flapping', `says offline (${reason}) of`);
  if (since !== undefined && reason !== 'missed') {
    // Just before: the going itself may coincide with the end of a fault.
    const due = mayBeOnlineUntil(history, { id, since, observer: daemon, at: at - 1 });
    if (at > due) say('timely expiry', `is ${(at - due).toFixed(0)} ms late to say offline (${reason}) of`);
  }
  return found;
}

/** Snapshots, those of daemons that have just started above all, that lack what everybody else must show. */
function incomplete(history: History, from: number, to: number): Violation[] {
  const snapshots = history.told.filter((told) => told.type === 'snapshot' && told.at >= from && told.at <= to);
  return snapshots.flatMap((told) => {
    const { daemon, at } = told;
    const others = history.connections.up(at).filter((name) => name !== daemon);
    const isWhole = others.every((a) => others.every((b) => history.connections.connected(a, b, at, at)));
    if (told.type !== 'snapshot' || !isWhole || others.length === 0) return [];
    const ids = new Set(told.ids);
    return [...history.services.keys()]
      .filter((id) => !ids.has(id) && others.every((other) => mustBeOnline(history, id, other, at)))
      .map((id): Violation => ({
        invariant: 'no flapping',
        at,
        id,
        what: `${daemon}'s snapshot lacks ${id}`,
      }));
  });
}

/** What is online at the end and should not be, and what should be and is not. */
function lingering(history: History, { daemon, picture }: Story, at: number): Violation[] {
  const found: Violation[] = [];
  for (const id of history.services.keys()) {
    const since = picture.get(id);
    if (since === undefined && mustBeOnline(history, id, daemon, at))
      found.push({ invariant: 'no flapping', at, id, what: `${daemon} does not know ${id}` });
    if (since !== undefined && at > mayBeOnlineUntil(history, { id, since, observer: daemon, at }))
      found.push({ invariant: 'timely expiry', at, id, what: `${daemon} still knows ${id}` });
  }
  return found;
}

/** Where daemons differ from the truth, or undefined. Only for times when all are up and connected. */
export function difference(
  history: History,
  stories: Iterable<Story>,
): { invariant: 'convergence'; id: string; what: string } | undefined {
  for (const { daemon, picture } of stories)
    for (const { id, alive } of history.services.values())
      if (picture.has(id) !== alive)
        return { invariant: 'convergence', id, what: `${daemon} ${alive ? 'lacks' : 'still knows'} ${id}` };
  return undefined;
}
