/** One instance: its life, its metadata, its events, and why callers are or are not sent to it. */

import type { Frontend } from '../../model/catalog.js';
import { daemonApp } from '../../model/daemon.js';
import { explain, type Explained } from '../../model/explain.js';
import { hostPort } from '../../model/host-port.js';
import { localTime } from '../state/times.js';
import type { Registration } from '../../model/registration.js';
import { board, caveats, eventCount, events, useGroup } from '../store.js';
import { html, type VNode } from '../html.js';
import { linkTo, route } from '../route.js';
import { doubtText } from '../state/doubt.js';
import { rulesOn } from '../state/rules.js';
import { stateOf, whyOf } from '../parts/instances.js';
import { EventRow } from '../parts/event-row.js';
import { CheckFacts, Lease } from '../parts/lease-facts.js';
import { Action } from '../parts/action.js';
import { EndRule } from '../parts/end-rule.js';
import { percent } from '../parts/percent.js';

export function InstanceView(): VNode {
  const id = route.value.about;
  const [app = '', version = '', host = '', port] = id.split('/');
  useGroup(`${app}/${version}`);
  void eventCount.value;
  const found = board.find(id);
  const own = events.newest(50, (event) => 'registration' in event && event.registration.id === id);
  const last = own.find((event) => 'registration' in event);
  const registration = found?.registration ?? (last && 'registration' in last ? last.registration : undefined);
  return html`
    <p><a href=${linkTo('now')}>Now</a> / <a href=${linkTo('version', `${app}/${version}`)}>${app}@${version}</a></p>
    <h1>${port === undefined ? id : hostPort({ host, port: Number(port) })}</h1>
    ${found ? html`<${Life} registration=${found.registration} />` : html`<p class="empty">It is not online.</p>`}
    <${Pools} instance=${explainedOf(app, version, registration, found?.state ?? 'offline')} />
    <section class="block">
      <h2>Events since this page was opened</h2>
      ${
        own.length === 0
          ? html`<p class="faint">None.</p>`
          : html`<ol class="events">
              ${own.map(EventRow)}
            </ol>`
      }
    </section>
  `;
}

const explainedOf = (
  app: string,
  version: string,
  registration: Registration | undefined,
  state: Explained['state'],
): Explained => ({
  ...{ app, version, state },
  draining: state !== 'offline' && registration?.draining === true,
  drainReason: registration?.drainReason,
  ...(registration?.drainRule !== undefined && { drainRule: registration.drainRule }),
  rule: rulesOn(board.drainRules, { app, version })[0],
  drainUntil: registration?.drainUntil,
  unhealthy: registration?.unhealthy,
});

function Life({ registration }: { registration: Registration }): VNode {
  const { id, app, ttl, registered, instance, meta, draining, drainRule, unhealthy, check } = registration;
  const state = stateOf(registration);
  return html`
    <dl class="facts">
      <dt>State</dt>
      <dd><span class=${`mark-of ${state}`}>${state}</span> <span class="faint">${whyOf(registration)}</span></dd>
      <dt>Id</dt>
      <dd><code>${id}</code></dd>
      <dt>Registered</dt>
      <dd>${localTime(registered)}</dd>
      <dt>Lease</dt>
      <dd><${Lease} id=${id} ttl=${ttl} /></dd>
      ${
        check &&
        html`<dt>Check</dt>
          <dd><${CheckFacts} id=${id} check=${check} unhealthy=${unhealthy} /></dd>`
      }
      ${
        instance !== undefined &&
        html`<dt>Instance</dt>
          <dd><code>${instance}</code></dd>`
      }
      <dt>Metadata</dt>
      <dd>
        ${Object.keys(meta).length === 0 ? html`<span class="faint">none</span>` : html`<pre>${JSON.stringify(meta, null, 2)}</pre>`}
      </dd>
    </dl>
    <p class="actions">
      ${
        app === daemonApp
          ? html`<span class="faint">It is a daemon itself, and is not drained but stopped.</span>`
          : drainRule !== undefined
            ? html`<${RuleOver} name=${drainRule} />`
            : draining
              ? html`<${Action} need="drain" app=${app} dialog=${{ kind: 'undrain', id }}>Undrain<//>`
              : html`<${Action} need="drain" app=${app} dialog=${{ kind: 'drain', id }}>Drain<//>`
      }
    </p>
  `;
}

/** It cannot be undrained by itself. */
function RuleOver({ name }: { name: string }): VNode {
  const rule = board.drainRules.get(name);
  return html`<span class="faint">It takes part again when the rule ${name} ends.</span>${
      rule && html` <${EndRule} rule=${rule} />`
    }`;
}

/** What each frontend of its app does with it, and each backend of its app that no frontend serves. */
function Pools({ instance }: { instance: Explained }): VNode {
  const { app } = instance;
  const doubt = doubtText(caveats.value);
  const backends = [...board.backends.values()].filter((backend) => backend.app === app);
  const frontends = [...board.frontends.values()];
  const pools = backends.flatMap((backend) => {
    const of: Frontend[] = frontends.filter((frontend) => frontend.backend === backend.name);
    return of.length > 0
      ? of.map((frontend) => ({ name: frontend.name, frontend, backend }))
      : [{ name: `backend ${backend.name}`, frontend: { name: backend.name }, backend }];
  });
  return html`<section class="block">
    <h2>Who is sent here</h2>
    ${doubt !== undefined && html`<p class="guard bad">${doubt}</p>`}
    ${
      pools.length === 0
        ? html`<p class="faint">No backend is about the app '${app}'.</p>`
        : html`<ul class="plain pools">
            ${pools.map(({ name, frontend, backend }) => {
              const { served, share, reasons } = explain(instance, frontend, backend, board.available(app));
              return html`<li key=${name}>
                <span class=${`dot ${served ? 'good' : ''}`} aria-hidden="true"></span> <b>${name}</b>${' '}
                ${
                  served
                    ? html`sends it ${percent(share)} of its requests, by the backend
                      '${backend.name}'${backend.warmupMs !== undefined && ', once all its instances are warm'}`
                    : html`sends it nothing: ${reasons.map(({ message }) => message).join('; ')}`
                }
              </li>`;
            })}
          </ul>`
    }
  </section>`;
}
