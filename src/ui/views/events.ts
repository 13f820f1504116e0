/** The events of this daemon since the page was opened, the latest first. */

import { signal } from '@preact/signals';
import { eventCount, events } from '../store.js';
import { html, type VNode } from '../html.js';
import { EventRow } from '../parts/event-row.js';
import { type Kind, kindOf, kinds, matchesText } from '../state/event-text.js';

const text = signal('');
const kind = signal<Kind | ''>('');

/** Rows that are drawn. */
const most = 200;

export function EventsView(): VNode {
  void eventCount.value;
  const [wanted, words] = [kind.value, text.value.trim()];
  const shown = events.newest(
    most,
    (event) => (wanted === '' || kindOf(event) === wanted) && (words === '' || matchesText(event, words)),
  );
  return html`
    <h1 class="hidden">Events</h1>
    <p class="filters">
      <label
        >Filter
        <input
          type="search"
          placeholder="web offline expired"
          value=${text.value}
          onInput=${(event: Event) => (text.value = (event.target as HTMLInputElement).value)}
      /></label>
      <label
        >Show
        <select
          value=${kind.value}
          onChange=${(event: Event) => (kind.value = (event.target as HTMLSelectElement).value as Kind | '')}
        >
          <option value="">everything</option>
          ${kinds.map((name) => html`<option key=${name} value=${name}>${name}</option>`)}
        </select></label
      >
    </p>
    ${
      shown.length === 0
        ? html`<p class="empty">Nothing has happened yet that would be shown here.</p>`
        : html`<ol class="events">
            ${shown.map(EventRow)}
          </ol>`
    }
    ${shown.length === most && html`<p class="faint">The last ${most} of them.</p>`}
  `;
}
