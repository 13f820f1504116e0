/** What several dialogs say and ask. */

import type { Signal } from '@preact/signals';
import type { Backend, Target } from '../../model/catalog.js';
import { type Availability, availabilityOf } from '../../model/availability.js';
import { ruledText } from '../../model/drain-rule.js';
import { limits } from '../../model/limits.js';
import type { Registration } from '../../model/registration.js';
import { targetMatcher } from '../../model/targets.js';
import { compareVersions } from '../../model/version.js';
import { registered } from '../deploy.js';
import { board } from '../store.js';
import { html, type VNode } from '../html.js';

/** `www and api`, or `the backend 'web'` if no frontend serves it. */
export function callersOf(backend: string): string {
  const names = [...board.frontends.values()].filter((one) => one.backend === backend).map(({ name }) => `'${name}'`);
  return names.length === 0 ? `the backend '${backend}'` : names.join(' and ');
}

/** The versions of the app that are online, or that the backend names, the latest first. */
export function versionsFor({ app, version, split }: Backend): string[] {
  const known = new Set([
    ...board.available(app).keys(),
    ...Object.keys(split ?? {}),
    ...(version === undefined ? [] : [version]),
  ]);
  return [...known].sort((a, b) => compareVersions(b, a));
}

/** What of `target` is online and not draining once `drained` are undrained: of a split, the scarcest version. */
function availableOf(target: Target, drained: readonly Registration[]): Availability {
  const available = new Map(board.available(target.app));
  for (const { version } of drained) available.set(version, (available.get(version) ?? 0) + 1);
  return availabilityOf(target, available);
}

export const onlineOf = (target: Target, drained: readonly Registration[]): number =>
  availableOf(target, drained).online;

/** `3 instances of web@1.0.0 online and not draining.`: {@link onlineOf}, and what is undrained for that. */
export function onlineText(target: Target, drained: readonly Registration[]): string {
  const { what: of, online } = availableOf(target, drained);
  const what = `${online.toLocaleString('en')} ${online === 1 ? 'instance' : 'instances'} of ${of}`;
  const ruled = ruledText(registered(target.app).filter(targetMatcher(target)));
  const { length } = drained;
  if (length === 0) return `${what} online and not draining${ruled}.`;
  const undrained = `${length.toLocaleString('en')} that the deployment has drained ${length === 1 ? 'is' : 'are'} undrained first.`;
  return `${undrained} Then ${what} ${online === 1 ? 'is' : 'are'} online and not draining${ruled}.`;
}

/** Where the user says why, for other operators. */
export function ReasonField({ reason }: { reason: Signal<string> }): VNode {
  return html`<p>
    <label class="field"
      >Reason
      <input
        maxlength=${limits.reason}
        placeholder="for other operators"
        value=${reason.value}
        onInput=${(event: Event) => (reason.value = (event.target as HTMLInputElement).value)}
    /></label>
  </p>`;
}

export function gone(what: string): VNode {
  return html`<p>${what} does not exist any longer.</p>`;
}
