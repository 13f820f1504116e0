/** What is around every view: the name of the daemon, the ways to the views, what to beware of, and the open dialog. */

import { useEffect, useRef } from 'preact/hooks';
import { connection, status, total } from '../store.js';
import { html } from '../html.js';
import { linkTo, route, type Route, type ViewName } from '../route.js';
import { DaemonsView } from '../views/daemons.js';
import { DeploymentsView } from '../views/deployments.js';
import { EventsView } from '../views/events.js';
import { InstanceView } from '../views/instance.js';
import { NowView } from '../views/now.js';
import { VersionView } from '../views/version.js';
import { Banner } from './banner.js';
import { OpenDialog, openDialog } from '../dialogs/open.js';

const titles: Readonly<Record<ViewName, string>> = {
  now: 'Now',
  deployments: 'Deployments',
  events: 'Events',
  daemons: 'Daemons',
};

const bodies: Readonly<Record<Route['view'], () => unknown>> = {
  now: NowView,
  deployments: DeploymentsView,
  events: EventsView,
  daemons: DaemonsView,
  instance: InstanceView,
  version: VersionView,
};

export function Frame() {
  const { view, about } = route.value;
  const isFirst = useRef(true);
  // What had the focus may have been in the view before.
  useEffect(() => {
    if (!isFirst.current && document.activeElement === document.body) focusOnView();
    isFirst.current = false;
  }, [view, about]);
  return html`
    <a class="skip" href="#main" onClick=${skip}>Skip to the content</a>
    <header>
      <a class="mark" href=${linkTo('now')}>bender</a>
      <nav aria-label="Views">
        ${Object.entries(titles).map(
          ([name, title]) =>
            html`<a key=${name} href=${linkTo(name as ViewName)} aria-current=${name === view ? 'page' : undefined}
              >${title}</a
            >`,
        )}
      </nav>
      <${State} />
      <button type="button" onClick=${() => openDialog({ kind: 'token' })}>Token</button>
    </header>
    <${Banner} />
    <main id="main" tabindex="-1"><${bodies[view]} key=${`${view}/${about}`} /></main>
    <${OpenDialog} />
  `;
}

/** By hand, since the fragment of the URL is the view. */
function skip(event: Event): void {
  event.preventDefault();
  focusOnView();
}

const focusOnView = (): void => document.getElementById('main')?.focus({ preventScroll: true });

const words = { connecting: 'connecting', open: 'live', lost: 'not connected', refused: 'not connected' } as const;

function State() {
  const isOpen = connection.value === 'open';
  return html`<p class="state">
    <span class=${`dot ${isOpen ? 'good' : 'bad'}`}></span>
    <span role="status">${words[connection.value]}</span>
    <span class="faint">${status.value?.name ?? ''}</span>
    ${isOpen && html`<span class="faint wide">${total.value.toLocaleString('en')} online</span>`}
  </p>`;
}
