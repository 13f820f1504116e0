/** One event in a list. */

import type { SeenEvent } from '../../client/picture.js';
import { html, type VNode } from '../html.js';
import { linkTo } from '../route.js';
import { detailOf, subjectOf, toneOf } from '../state/event-text.js';
import { localTime } from '../state/times.js';

const drawn = new WeakMap<SeenEvent, VNode>();
let last = 0;

/** Drawn once for each event. */
export function EventRow(event: SeenEvent): VNode {
  const known = drawn.get(event);
  if (known) return known;
  const row = html`<li key=${++last}>
    <time datetime=${new Date(event.at).toISOString()} title=${localTime(event.at)}
      >${new Date(event.at).toTimeString().slice(0, 8)}</time
    >
    <span class=${`type ${toneOf(event)}`}>${event.type}</span>
    <span class="what"
      >${
        'registration' in event
          ? html`<a href=${linkTo('instance', event.registration.id)}>${subjectOf(event)}</a>`
          : subjectOf(event)
      }</span
    >
    <span class="detail">${detailOf(event)}</span>
  </li>`;
  drawn.set(event, row);
  return row;
}
