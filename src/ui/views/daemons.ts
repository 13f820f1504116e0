/** The daemons that this one knows: how they are linked, and how far they are behind. */

import type { DaemonInfo } from '../../model/daemon.js';
import { caveats, connection, daemons, status } from '../store.js';
import { html, type VNode } from '../html.js';

export function DaemonsView(): VNode {
  const own = status.value;
  return html`
    <h1 class="hidden">Daemons</h1>
    <p>
      Seen from <b>${own?.name ?? 'this daemon'}</b>${own && html` in the cluster <b>${own.cluster}</b>`}${' '}
      <${ViewState} />
    </p>
    <div class="scroll" tabindex="0" role="region" aria-label="daemons">
      <table class="cards">
        <thead>
          <tr>
            <th scope="col">Daemon</th>
            <th scope="col">State</th>
            <th scope="col">Heard</th>
            <th scope="col">Link</th>
            <th scope="col">Documents behind</th>
            <th scope="col">Holds</th>
            <th scope="col">Version</th>
            <th scope="col">URL</th>
          </tr>
        </thead>
        <tbody>
          ${daemons.value.map((daemon) => html`<${Row} key=${daemon.runId} daemon=${daemon} />`)}
        </tbody>
      </table>
    </div>
    <${Peers} />
  `;
}

/** Whether what this daemon says can be relied on. */
function ViewState(): VNode {
  const { warming, stale } = caveats.value;
  const [tone, text] =
    connection.value !== 'open'
      ? ['bad', 'not connected']
      : stale
        ? ['bad', 'stale view']
        : warming
          ? ['warn', 'warming']
          : ['live', 'up to date'];
  return html`<span class=${`tag ${tone}`}>${text}</span>`;
}

function Row({ daemon }: { daemon: DaemonInfo }): VNode {
  const { name, url, state, self, lastHeard, linked, roundTrip, behind, held, version, fetchedAnew } = daemon;
  return html`<tr>
    <th scope="row">${name}</th>
    <td>
      <span class=${`mark-of ${state}`}>${state}</span
      >${fetchedAnew !== undefined && html` <span class="bad">unreadable, fetched ${fetchedAnew} times</span>`}
    </td>
    <td class="number" data-of=${self ? undefined : 'heard'}>${self ? 'this one' : `${ago(lastHeard)} ago`}</td>
    <td class="number" data-of="link">
      ${self || !linked ? '–' : roundTrip === undefined ? 'linked' : `${roundTrip.toFixed(1)} ms`}
    </td>
    <td class="number" data-of="documents behind">${behind ?? '–'}</td>
    <td class="number" data-of="holds">${held.toLocaleString('en')}</td>
    <td data-of="version">${version}</td>
    <td><a href=${`${url}/ui`} rel="noreferrer">${url}</a></td>
  </tr>`;
}

const ago = (ms: number): string =>
  ms < 1000 ? `${Math.round(ms)} ms` : ms < 120_000 ? `${Math.round(ms / 1000)} s` : `${Math.round(ms / 60_000)} min`;

/** The peers that this daemon was told of and cannot reach. */
function Peers(): VNode | null {
  const missing = status.value?.peers?.filter(({ reason }) => reason !== undefined) ?? [];
  if (missing.length === 0) return null;
  return html`<section class="block">
    <h2>Configured, and not reached</h2>
    <ul class="plain">
      ${missing.map(({ url, reason }) => html`<li key=${url}><b>${url}</b> <span class="faint">${reason}</span></li>`)}
    </ul>
  </section>`;
}
