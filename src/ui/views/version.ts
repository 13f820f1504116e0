/** All instances of one version of an app. */

import { signal } from '@preact/signals';
import { localTime } from '../state/times.js';
import { daemonApp } from '../../model/daemon.js';
import { hostPort } from '../../model/host-port.js';
import type { Registration } from '../../model/registration.js';
import { board, structure, useGroup } from '../store.js';
import { html, type VNode } from '../html.js';
import { linkTo, route } from '../route.js';
import { rulesOn } from '../state/rules.js';
import { stateOf, whyOf, Counts } from '../parts/instances.js';
import { Action } from '../parts/action.js';
import { EndRule } from '../parts/end-rule.js';
import { Expiring, Ring } from '../parts/lease.js';
import { duration } from '../state/remaining.js';

const filter = signal('');
/** Rows that are drawn at first, and for each "more". */
const step = 100;
const shown = signal(step);

export function VersionView(): VNode {
  const group = useGroup(route.value.about);
  const name = route.value.about.replace('/', '@');
  const wanted: Registration[] = [];
  let matching = 0;
  for (const instances of group ? [group.unhealthy, group.online] : [])
    for (const registration of instances.values())
      if (filter.value === '' || textOf(registration).includes(filter.value.toLowerCase())) {
        matching++;
        if (wanted.length < shown.value) wanted.push(registration);
      }
  return html`
    <p><a href=${linkTo('now')}>Now</a> /</p>
    <h1>${name}</h1>
    <p><${Counts} group=${group} /></p>
    <${Rules} />
    <p class="filters">
      <label
        >Filter
        <input
          type="search"
          placeholder="host, metadata, state"
          value=${filter.value}
          onInput=${(event: Event) => (filter.value = (event.target as HTMLInputElement).value)}
      /></label>
    </p>
    ${
      matching === 0
        ? html`<p class="empty">${group ? 'Nothing matches.' : 'Nothing of this version is online.'}</p>`
        : html`<div class="scroll" tabindex="0" role="region" aria-label="instances">
            <table class="cards">
              <thead>
                <tr>
                  <th scope="col">Instance</th>
                  <th scope="col">State</th>
                  <th scope="col">Since</th>
                  <th scope="col">Lease</th>
                  <th scope="col">Metadata</th>
                </tr>
              </thead>
              <tbody>
                ${wanted.map(rowOf)}
              </tbody>
            </table>
          </div>`
    }
    ${
      matching > wanted.length &&
      html`<p>
        <button type="button" onClick=${() => (shown.value += step)}>
          Show ${Math.min(step, matching - wanted.length)} more of ${(matching - wanted.length).toLocaleString('en')}
        </button>
      </p>`
    }
  `;
}

/** The drain rules on the version, and the way to one. There are none on the daemons themselves. */
function Rules(): VNode | null {
  void structure.value;
  const [app = '', version = ''] = route.value.about.split('/');
  if (app === daemonApp || version === '') return null;
  const rules = rulesOn(board.drainRules, { app, version });
  return html`
    ${rules.map(
      (rule) =>
        html`<p key=${rule.name} class="actions">
          <span>Drained by the rule <b>${rule.name}</b></span>
          <${EndRule} rule=${rule} />
        </p>`,
    )}
    ${
      !rules.some((rule) => rule.version === version) &&
      html`<p class="actions">
        <${Action} need="drain" app=${app} dialog=${{ kind: 'add-rule', app, version }}>Drain all<//>
      </p>`
    }
  `;
}

const textOf = (registration: Registration): string =>
  `${registration.id} ${stateOf(registration)} ${whyOf(registration)} ${JSON.stringify(registration.meta)}`.toLowerCase();

const drawn = new WeakMap<Registration, VNode>();

/** Drawn once for each registration, as chips are. */
function rowOf(registration: Registration): VNode {
  const known = drawn.get(registration);
  if (known) return known;
  const { id, registered, ttl, meta } = registration;
  const state = stateOf(registration);
  const row = html`<tr key=${id}>
    <td><a href=${linkTo('instance', id)}>${hostPort(registration)}</a></td>
    <td>
      <span class=${`mark-of ${state}`}>${state}</span> <span class="faint">${whyOf(registration)}</span>
      <${Expiring} id=${id} />
    </td>
    <td class="number" data-of="since">${localTime(registered)}</td>
    <td class="number" data-of="lease">
      <span class="dots"><${Ring} id=${id} /></span> ${duration(ttl)}
    </td>
    <td><code>${Object.keys(meta).length > 0 ? JSON.stringify(meta) : ''}</code></td>
  </tr>`;
  drawn.set(registration, row);
  return row;
}
