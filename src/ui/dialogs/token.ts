/** Asks for a token. */

import { useSignal } from '@preact/signals';
import { token, useToken } from '../api.js';
import { html, type VNode } from '../html.js';
import { me } from '../access.js';
import type { WhoAmI } from '../../model/whoami.js';
import { Dialog } from './dialog.js';

interface Props {
  /** What another token is needed for. */
  why?: string | undefined;
  onClose: () => void;
}

export function TokenDialog({ why, onClose }: Props): VNode {
  const text = useSignal('');
  const run = (): void => useToken(text.value);
  return html`<${Dialog}
    title="Token"
    action=${text.value === '' && token.value !== '' ? 'Forget the token' : 'Use it'}
    run=${run}
    onClose=${onClose}
  >
    ${why !== undefined && html`<p class="guard bad">${why}</p>`}
    ${me.value !== undefined && html`<p>${meText(me.value)}</p>`}
    <p>
      The token that requests of this page carry. It is kept for this tab until the tab is closed, and by this daemon's
      dashboard only.
    </p>
    <p>
      <label class="field"
        >Token
        <input
          type="password"
          autocomplete="off"
          spellcheck=${false}
          value=${text.value}
          placeholder=${token.value === '' ? 'bender_…' : 'a token is in use'}
          onInput=${(event: Event) => (text.value = (event.target as HTMLInputElement).value)}
      /></label>
    </p>
  <//>`;
}

function meText({ role, name, apps, tokens }: WhoAmI): VNode {
  if (!tokens) return html`This daemon has no tokens: every caller may do everything.`;
  if (name === undefined) return html`Without a token this page may read.`;
  return html`In use: <b>${name}</b>, with the role <b>${role}</b>${apps && ` for the apps ${apps.join(', ')}`}.`;
}
