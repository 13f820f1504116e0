/** An event as one line for people: time, type, registration, daemon and reason. */

import type { SeenEvent } from '../client/index.js';
import { type Caveats, eventTypes } from '../model/events.js';
import { ruleText } from '../model/drain-rule.js';
import { hostPort } from '../model/registration.js';
import type { UpdatedEvent } from '../model/events.js';
import { printableCopy } from '../model/printable.js';
import { backendText, withRouting } from '../model/routing.js';
import { results } from './colors.js';
import { exactly } from './durations.js';
import { drainText, metaText } from './listings.js';

/** Characters: what follows the type is aligned. */
const typeWidth = Math.max(...eventTypes.map((type) => type.length));

export function eventLine(said: SeenEvent): string {
  const event = printableCopy(said);
  const time = results.dim(new Date(event.at).toTimeString().slice(0, 8));
  const words = [...wordsOf(event), ...(event.initial ? [results.dim('there already')] : [])];
  return [time, colorOf(event)(event.type.padEnd(typeWidth)), ...words].join('  ');
}

/** The line about new caveats of the daemon at `server`. */
export function conditionLine({ warming, stale }: Caveats, server: string): string {
  if (warming) return `${server} has just started: something may not have shown up yet`;
  if (stale) return `${server} is cut off from most of the other daemons: what it says is its last view`;
  return `${server} knows what is online`;
}

function colorOf({ type }: SeenEvent): (text: string) => string {
  if (/online|created/.test(type)) return results.green;
  return /offline|deleted/.test(type) ? results.red : results.yellow;
}

function wordsOf(event: SeenEvent): string[] {
  if ('registration' in event) {
    const { registration, type } = event;
    const words = [`${registration.app}@${registration.version}`, hostPort(registration)];
    if (type === 'offline') return [...words, event.reason];
    if (type === 'online' && registration.draining) return [...words, drainText(registration)];
    return type === 'updated' ? [...words, ...whatChanged(event)] : words;
  }
  if ('backend' in event) return [event.backend.name, backendText(event.backend)];
  if ('frontend' in event)
    return [event.frontend.name, withRouting(event.frontend.backend ?? 'no backend', event.frontend)];
  if ('drainRule' in event) return [event.drainRule.name, ruleText(event.drainRule)];
  return [event.daemon.name, event.daemon.url];
}

/** What has changed, with the reason of a drain. */
function whatChanged({ registration, previous, reason }: UpdatedEvent): string[] {
  const { draining, drainReason, ttl, meta } = registration;
  // Nothing was there before if a drain gets its end, or its reason.
  const isNew = draining && Object.keys(previous).length === 0;
  const isOfDrain = isNew || ['draining', 'drainReason', 'drainUntil', 'drainRule'].some((field) => field in previous);
  return [
    ...(isOfDrain ? [draining ? drainText({ ...registration, drainReason: '' }) : 'not draining'] : []),
    ...('ttl' in previous ? [`ttl=${exactly(ttl)}`] : []),
    ...('meta' in previous ? [metaText(meta)] : []),
    ...[reason ?? drainReason ?? []].flat(),
  ];
}
