/** The changes of backends, frontends and drain rules, and the switch between versions as curves. */

import { signal, useSignalEffect } from '@preact/signals';
import type { Edit } from '../../model/history.js';
import { localTime, momentText } from '../state/times.js';
import { catalogText } from '../../model/routing.js';
import { api } from '../api.js';
import { board, catalog, connection } from '../store.js';
import { html, type VNode } from '../html.js';
import { linkTo, route } from '../route.js';
import { Chart } from '../parts/chart.js';
import { Action } from '../parts/action.js';

const history = signal<Edit[] | undefined>(undefined);
const problem = signal('');

/** Changes that are asked for. */
const limit = 500;

let asked = 0;

async function load(): Promise<void> {
  const turn = ++asked;
  try {
    const found = await api.history(limit);
    // An answer to what was asked before may come later.
    if (turn === asked) [history.value, problem.value] = [found, ''];
  } catch (error) {
    if (turn === asked) problem.value = error instanceof Error ? error.message : String(error);
  }
}

export function DeploymentsView(): VNode {
  useSignalEffect(() => {
    void catalog.value;
    if (connection.value === 'open') void load();
  });
  void catalog.value;
  const name = route.value.about;
  const names = [...board.backends.keys()].sort();
  const all = history.value ?? [];
  const shown = all.filter((edit) => name === '' || isAbout(edit, name));
  const own = board.backends.get(name)?.app;
  const apps = name === '' ? appsOf() : own === undefined ? [] : [own];
  // The last change of each backend, frontend and drain rule can be undone, unless it made it.
  const latest = new Map<string, Edit>();
  for (const edit of all) if (!latest.has(keyOf(edit))) latest.set(keyOf(edit), edit);
  return html`
    <h1 class="hidden">Deployments</h1>
    <p class="filters" role="navigation" aria-label="Backends">
      <a href=${linkTo('deployments')} aria-current=${name === '' ? 'page' : undefined}>all</a>
      ${names.map((one) => html`<a key=${one} href=${linkTo('deployments', one)} aria-current=${one === name ? 'page' : undefined}>${one}</a>`)}
    </p>
    ${problem.value !== '' && html`<p class="problem" role="alert">${problem.value}</p>`}
    ${apps.map((one) => html`<${Chart} key=${one} app=${one} />`)}
    ${
      history.value !== undefined &&
      (shown.length === 0
        ? html`<p class="empty">${name === '' ? 'Nothing was ever changed.' : `No change of '${name}' is known.`}</p>`
        : html`<div class="scroll history" tabindex="0" role="region" aria-label="history">
            <table>
              <thead>
                <tr>
                  <th scope="col">When</th>
                  <th scope="col">Who</th>
                  <th scope="col">What</th>
                  <th scope="col">From → to</th>
                  <th scope="col"><span class="hidden">Undo</span></th>
                </tr>
              </thead>
              <tbody>
                ${shown.map((edit) => html`<${Row} key=${edit.id} edit=${edit} canUndo=${latest.get(keyOf(edit)) === edit && edit.from !== undefined} />`)}
              </tbody>
            </table>
          </div>`)
    }
  `;
}

const wordsOf = (kind: Edit['kind']): string => kind.replace('-', ' ');

const keyOf = ({ kind, name }: Edit): string => `${kind} ${name}`;

/** The apps that backends are about, as many as are worth a chart each. */
const appsOf = (): string[] => [...new Set([...board.backends.values()].map(({ app }) => app))].sort().slice(0, 6);

const isAbout = ({ kind, name, from, to }: Edit, backend: string): boolean =>
  kind === 'backend' ? name === backend : kind === 'frontend' && (from?.backend === backend || to?.backend === backend);

/** The app that a change is about, as the daemon finds it out; undefined: none. */
function appOf(edit: Edit): string | undefined {
  if (edit.kind !== 'frontend') return (edit.to ?? edit.from)?.app;
  return board.backends.get((edit.to ?? edit.from)?.backend ?? '')?.app;
}

function Row({ edit, canUndo }: { edit: Edit; canUndo: boolean }): VNode {
  const { at, author, proven, claimedAuthor, daemon, kind, name, from, to, concurrent } = edit;
  return html`<tr>
    <td class="number">
      <time datetime=${new Date(at).toISOString()} title=${localTime(at)}>${momentText(at)}</time>
    </td>
    <td title=${daemon === undefined ? undefined : `taken by ${daemon}`}>
      ${author ?? 'unknown'}${proven && html` <span class="tag live">proven</span>`}${
        claimedAuthor !== undefined && html` <span class="faint">as ${claimedAuthor}</span>`
      }
    </td>
    <td class="what">
      ${wordsOf(kind)} <b>${name}</b>${concurrent && html` <span class="tag warn">concurrent</span>`}
    </td>
    <td class="switch">
      ${from ? catalogText(from) : html`<span class="faint">new</span>`} <span class="faint">→</span>${' '}
      ${to ? catalogText(to) : html`<span class="faint">removed</span>`}
    </td>
    <td class="undo">
      ${
        canUndo &&
        html`<${Action}
          need=${kind === 'drain-rule' ? 'drain' : 'deploy'}
          app=${appOf(edit)}
          label=${`Roll back ${wordsOf(kind)} ${name}`}
          dialog=${{ kind: 'rollback', edit }}
          >Roll back<//
        >`
      }
    </td>
  </tr>`;
}
