/** What several dialogs say. */

import type { Backend, Target } from '../../model/catalog.js';
import { availabilityOf } from '../../model/availability.js';
import { compareVersions } from '../../model/version.js';
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

/** `3 instances`: those that are online and not draining. */
export function instancesOf(target: Target): string {
  const { online } = availabilityOf(target, board.available(target.app));
  return `${online.toLocaleString('en')} ${online === 1 ? 'instance' : 'instances'}`;
}

export function gone(what: string): VNode {
  return html`<p>${what} does not exist any longer.</p>`;
}
