/** What a reader needs to understand a failure: what was done, what was said of the id, what daemons logged. */

import type { Violation } from './checker.js';
import type { History } from './history.js';
import type { Member } from './member.js';
import type { Story } from './story.js';

export interface Evidence {
  history: History;
  stories: readonly Story[];
  members: readonly Member[];
  complaints: readonly string[];
}

export function describeFailure(violations: readonly Violation[], evidence: Evidence): string {
  const { history, members, complaints } = evidence;
  const first = violations[0]!;
  return [
    `${violations.length} promises broken:`,
    ...violations.slice(0, 20).map(({ at, invariant, what }) => `${clock(at)} ${invariant}: ${what}`),
    'Timeline:',
    ...history.timeline.slice(-25).map(({ at, what }) => `${clock(at)} ${what}`),
    ...(first.id === undefined ? [] : biography(first.id, evidence)),
    ...members.flatMap(({ name, tail }) => [`Log of ${name}:`, ...tail]),
    'Of services and watchers:',
    ...complaints,
  ].join('\n');
}

/** The last requests for an id, and what the daemons said of it. */
function biography(id: string, { history, stories }: Evidence): string[] {
  const attempts = history.attempts(id).map(({ kind, daemon, sent, ended, outcome }) => ({
    at: ended,
    what: `${kind} at ${daemon}, sent ${clock(sent)}: ${outcome}`,
  }));
  const transitions = stories
    .flatMap((story) => story.transitions)
    .filter((transition) => transition.id === id)
    .map(({ at, daemon, online, reason }) => ({
      at,
      what: `${daemon} says ${online ? 'online' : 'offline'} ${reason}`,
    }));
  return [
    `Of ${id}:`,
    ...[...attempts, ...transitions]
      .sort((a, b) => a.at - b.at)
      .slice(-40)
      .map(({ at, what }) => `${clock(at)} ${what}`),
  ];
}

const clock = (at: number): string => (at / 1000).toFixed(3);
