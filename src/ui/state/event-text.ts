/** An event as a sentence for people, and the filter of the list. */

import type { SeenEvent } from '../../client/picture.js';
import { hostPort } from '../../model/host-port.js';
import type { Registration } from '../../model/registration.js';
import { drainText } from './drain-text.js';
import { shortTime } from './times.js';
import { ruleText } from '../../model/drain-rule.js';
import { catalogText } from '../../model/routing.js';

/** How an event is marked: something came, went, or changed. */
export type Tone = 'good' | 'bad' | 'plain';

export const toneOf = ({ type }: SeenEvent): Tone =>
  /online|created/.test(type) ? 'good' : /offline|deleted/.test(type) ? 'bad' : 'plain';

/** The subject of an event: `web@1.0.0 10.0.0.5:80`, a backend, a frontend or a daemon. */
export function subjectOf(event: SeenEvent): string {
  if ('registration' in event) {
    const { registration } = event;
    return `${registration.app}@${registration.version} ${hostPort(registration)}`;
  }
  if ('backend' in event) return `backend ${event.backend.name}`;
  if ('frontend' in event) return `frontend ${event.frontend.name}`;
  if ('drainRule' in event) return `drain rule ${event.drainRule.name}`;
  return `daemon ${event.daemon.name}`;
}

const offlineWords: Readonly<Record<string, string>> = {
  expired: 'it was not renewed in time',
  deregistered: 'it was deregistered',
  'daemon-lost': 'the daemon that held it was lost',
  replaced: 'another instance has taken its address',
  missed: 'while this page was not connected',
};

/** What happened, beside the type of the event. */
export function detailOf(event: SeenEvent): string {
  if (event.type === 'offline')
    return event.reason === 'unhealthy'
      ? `unhealthy: ${event.detail ?? ''}`
      : (offlineWords[event.reason] ?? event.reason);
  if (event.type === 'online') return onlineText(event.registration, event.initial);
  if (event.type === 'updated') return updateText(event);
  if (event.type.endsWith('-deleted')) return '';
  if ('backend' in event) return catalogText(event.backend);
  if ('frontend' in event) return `serves ${catalogText(event.frontend)}`;
  if ('drainRule' in event) return `drains all of ${ruleText(event.drainRule)}`;
  return event.daemon.url;
}

function onlineText(registration: Registration, isInitial = false): string {
  const drains = registration.draining ? [`drains ${drainText(registration)}`.trim()] : [];
  return [isInitial ? 'there already' : `TTL ${registration.ttl / 1000} s`, ...drains].join(', ');
}

function updateText({ registration, previous, reason }: Extract<SeenEvent, { type: 'updated' }>): string {
  const { draining, drainReason, drainRule, drainUntil, ttl, meta } = registration;
  const why = reason ?? drainReason;
  const until = draining && drainUntil !== undefined ? ` until ${shortTime(drainUntil)}` : '';
  const by = drainRule === undefined ? '' : ` by the rule ${drainRule}`;
  // Nothing was there before if a drain gets its end, or its reason.
  const isNew = draining && Object.keys(previous).length === 0;
  return [
    ...(isNew || ['draining', 'drainReason', 'drainUntil', 'drainRule'].some((field) => field in previous)
      ? [`${draining ? `drains${until}${by}` : 'no longer drains'}${why === undefined ? '' : `: ${why}`}`]
      : []),
    ...('ttl' in previous ? [`TTL ${ttl / 1000} s`] : []),
    ...('registered' in previous ? ['registered again'] : []),
    ...('meta' in previous ? [`metadata ${JSON.stringify(meta)}`] : []),
  ].join(', ');
}

/** The kinds that the list can be narrowed to. */
export const kinds = ['instances', 'backends', 'frontends', 'rules', 'daemons'] as const;
export type Kind = (typeof kinds)[number];

export const kindOf = (event: SeenEvent): Kind =>
  'registration' in event
    ? 'instances'
    : 'backend' in event
      ? 'backends'
      : 'frontend' in event
        ? 'frontends'
        : 'drainRule' in event
          ? 'rules'
          : 'daemons';

/** Whether all words of `text` occur in the event. Case does not matter. */
export function matchesText(event: SeenEvent, text: string): boolean {
  const line = `${event.type} ${subjectOf(event)} ${detailOf(event)}`.toLowerCase();
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => line.includes(word));
}
