/** What to beware of: the daemon cannot be reached, is starting, is cut off, or wants a token. */

import { caveats, connection, daemons, hasView, refusal, status } from '../store.js';
import { html, type VNode } from '../html.js';
import { openDialog } from '../dialogs/open.js';
import { linkTo, route } from '../route.js';

export function Banner(): VNode | null {
  const said = text();
  return said && html`<div class=${`banner ${said.tone}`} role="alert">${said.content}</div>`;
}

function text(): { tone: 'bad' | 'warn'; content: VNode } | null {
  const { warming, stale } = caveats.value;
  const error = refusal.value;
  if (connection.value === 'refused' && error?.status === 401)
    return {
      tone: 'warn',
      content: html`<span>${error.message}</span>
        <button type="button" onClick=${() => openDialog({ kind: 'token' })}>Enter a token</button>`,
    };
  if (connection.value === 'refused')
    return { tone: 'bad', content: html`<span>${error?.message ?? ''} Trying again.</span>` };
  if (connection.value === 'lost') return { tone: 'bad', content: lostText() };
  if (stale)
    return {
      tone: 'bad',
      content: html`<span
        ><b>This daemon is cut off</b> from most of the others. It shows its last view: instances in it may be
        gone.</span
      >`,
    };
  if (warming)
    return {
      tone: 'warn',
      content: html`<span><b>This daemon has just started.</b> Services may not have registered yet.</span>`,
    };
  return null;
}

/** Daemons allow no page of another one to read what they say, so the user has to go there. */
function lostText(): VNode {
  const others = daemons.value.filter(({ self, state }) => !self && state === 'online');
  const { view, about } = route.value;
  const here = linkTo(view, about === '' ? undefined : about);
  const kept = hasView.value ? ' The page shows what it knew.' : '';
  return html`<span>
    <b>${status.value?.name ?? 'The daemon'} cannot be reached.</b> Trying
    again.${kept}${
      others.length > 0 &&
      html`<span> A browser does not let this page ask another daemon. Open the dashboard there: </span
        >${others.map(({ name, url }, index) => html`${index > 0 && ', '}<a href=${`${url}/ui${here}`} rel="noreferrer">${name}</a>`)}.`
    }
  </span>`;
}
