/** What is served by what: frontends, backends, and the instances that callers are sent to. */

import { board, hasView, structure, useGroup } from '../store.js';
import { html, type VNode } from '../html.js';
import { linkTo } from '../route.js';
import { groupKey } from '../state/board.js';
import { byName, served, type ServedBackend, type ServedVersion } from '../state/served.js';
import { formatVersions } from '../../model/catalog.js';
import { ruleText } from '../../model/drain-rule.js';
import { Chips, Counts } from '../parts/instances.js';
import { percent } from '../parts/percent.js';
import { Action } from '../parts/action.js';
import { EndRule } from '../parts/end-rule.js';

export function NowView(): VNode {
  void structure.value;
  if (!hasView.value) return html`<p class="empty">Waiting for the daemon.</p>`;
  const { backends, idle, unserved } = served(board);
  return html`
    <h1 class="hidden">Now</h1>
    ${
      backends.length === 0 &&
      idle.length === 0 &&
      html`<p class="empty">
        There are no frontends and backends yet. Make them with <code>bender backends create</code> and${' '}
        <code>bender frontends create</code>.
      </p>`
    }
    ${backends.map((row) => html`<${BackendRow} key=${row.backend.name} row=${row} />`)}
    ${
      idle.length > 0 &&
      html`<section class="block">
        <h2>Frontends that serve nothing</h2>
        <ul class="plain">
          ${idle.map(
            ({ name, backend }) =>
              html`<li key=${name}>
                <b>${name}</b>${' '}<span class="faint"
                  >${backend === undefined ? 'no backend' : `backend ${backend} does not exist`}</span
                >
              </li>`,
          )}
        </ul>
      </section>`
    }
    ${
      board.drainRules.size > 0 &&
      html`<section class="block">
        <h2>Drain rules</h2>
        <ul class="plain">
          ${byName(board.drainRules.values()).map(
            (rule) =>
              html`<li key=${rule.name}>
                <b>${rule.name}</b>${' '}<span class="faint"
                  >drains all of ${ruleText(rule)}, also what comes later</span
                >${' '}<${EndRule} rule=${rule} />
              </li>`,
          )}
        </ul>
      </section>`
    }
    ${
      unserved.length > 0 &&
      html`<section class="block">
        <h2>Registered, and served by no backend</h2>
        ${unserved.map(({ key, app, version }) => html`<${Version} key=${key} app=${app} of=${{ version, isLive: false }} names=${true} />`)}
      </section>`
    }
  `;
}

function BackendRow({ row: { backend, frontends, versions } }: { row: ServedBackend }): VNode {
  const { name, app } = backend;
  return html`<section class="backend" aria-label=${`backend ${name}`}>
    <div class="frontends">
      ${
        frontends.length === 0
          ? html`<span class="faint">no frontend</span>`
          : frontends.map((frontend) => html`<span key=${frontend.name} class="frontend">${frontend.name}</span>`)
      }
    </div>
    <div class="target">
      <h2>${name}</h2>
      <p>
        ${app}${
          backend.split
            ? html` <span class="faint">split over ${Object.keys(backend.split).length} versions</span>`
            : html`<span class="faint">@</span>${formatVersions(backend)}`
        }
      </p>
      <p class="actions">
        <${Action} need="deploy" app=${app} dialog=${{ kind: 'deploy', backend: name }}>Deploy<//>
        <${Action} need="deploy" app=${app} dialog=${{ kind: 'split', backend: name }}>Split<//>
        <a href=${linkTo('deployments', name)}>History</a>
      </p>
    </div>
    <div class="versions">
      ${versions.map((of) => html`<${Version} key=${of.version} app=${app} of=${of} total=${sumOf(backend.split)} />`)}
    </div>
  </section>`;
}

const sumOf = (split: Readonly<Record<string, number>> | undefined): number =>
  Object.values(split ?? {}).reduce((sum, weight) => sum + weight, 0);

interface VersionProps {
  app: string;
  of: Pick<ServedVersion, 'version' | 'isLive'> & { weight?: number | undefined };
  /** The sum of all weights of the split; 0: there is none. */
  total?: number;
  /** Whether to name the app. */
  names?: boolean;
}

function Version({ app, of: { version, isLive, weight }, total = 0, names = false }: VersionProps): VNode {
  const key = groupKey({ app, version });
  const group = useGroup(key);
  return html`<div class="version">
    <div class="line">
      <a class=${`name ${isLive ? 'live' : 'other'}`} href=${linkTo('version', key)}
        >${names && html`<span>${app}<span class="faint">@</span></span>`}${version}</a
      >
      ${isLive && html`<span class="tag live">live</span>`}
      ${weight !== undefined && html`<span class="share">${percent(weight / total)}</span>`}
      <${Counts} group=${group} isLive=${isLive} />
    </div>
    ${group && html`<${Chips} group=${group} />`}
  </div>`;
}
