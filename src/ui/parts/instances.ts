/** Instances, as chips and as rows. */

import type { Registration } from '../../model/registration.js';
import { hostPort } from '../../model/host-port.js';
import { html, type VNode } from '../html.js';
import { linkTo } from '../route.js';
import { Expiring, Ring } from './lease.js';
import type { Group } from '../state/board.js';
import { drainText } from '../state/drain-text.js';

/** How an instance is marked. */
export const stateOf = ({ draining, unhealthy }: Registration): 'online' | 'draining' | 'unhealthy' =>
  unhealthy !== undefined ? 'unhealthy' : draining ? 'draining' : 'online';

/** What is said beside the state: what its check has found, or of its drain. */
export const whyOf = (registration: Registration): string => registration.unhealthy ?? drainText(registration);

/** Drawn once for each registration: one that has changed is another object, so the others are not compared. */
const drawn = new WeakMap<Registration, VNode>();

export function Chip(registration: Registration): VNode {
  const known = drawn.get(registration);
  if (known) return known;
  const state = stateOf(registration);
  const { id } = registration;
  const chip = html`<li key=${id}>
    <a class=${`chip ${state}`} href=${linkTo('instance', id)} title=${titleOf(registration)}
      ><span class="dots" aria-hidden="true"><span class="dot"></span><${Ring} id=${id} /></span
      >${hostPort(registration)}${state !== 'online' && html`<span class="hidden"> ${state}</span>`}<${Expiring}
        id=${id}
        isHidden=${true}
    /></a>
  </li>`;
  drawn.set(registration, chip);
  return chip;
}

const titleOf = (registration: Registration): string =>
  [registration.id, whyOf(registration)].filter((text) => text !== '').join(': ');

/** `3 online · 1 draining`: what there is of a version. None is a fault if it is live. */
export function Counts({ group, isLive = false }: { group: Group | undefined; isLive?: boolean }): VNode {
  const online = group?.online.size ?? 0;
  const draining = group?.draining ?? 0;
  const unhealthy = group?.unhealthy.size ?? 0;
  return html`<span class="counts">
    <b class=${isLive && online === draining ? 'none' : ''}>${(online - draining).toLocaleString('en')}</b> online${
      draining > 0 && html` · <b class="draining">${draining.toLocaleString('en')}</b> draining`
    }${unhealthy > 0 && html` · <b class="unhealthy">${unhealthy.toLocaleString('en')}</b> unhealthy`}
  </span>`;
}

/** Instances that are shown of a version before "more". */
const mostChips = 8;

export function Chips({ group }: { group: Group }): VNode {
  const shown: Registration[] = [];
  for (const registration of [...firstOf(group.unhealthy), ...firstOf(group.online)])
    if (shown.length < mostChips) shown.push(registration);
  const left = group.online.size + group.unhealthy.size - shown.length;
  return html`<ul class="chips">
    ${shown.map(Chip)}
    ${
      left > 0 &&
      html`<li key="more">
        <a class="chip more" href=${linkTo('version', group.key)}>${left.toLocaleString('en')} more</a>
      </li>`
    }
  </ul>`;
}

function firstOf(instances: ReadonlyMap<string, Registration>): Registration[] {
  const first: Registration[] = [];
  for (const registration of instances.values()) {
    if (first.length === mostChips) break;
    first.push(registration);
  }
  return first;
}
