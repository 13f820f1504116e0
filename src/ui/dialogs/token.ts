/** Asks for a token. */

import { signal } from '@preact/signals';
import { token, useToken } from '../api.js';
import { html, type VNode } from '../html.js';
import { Dialog } from './dialog.js';

const text = signal('');

export function TokenDialog({ onClose }: { onClose: () => void }): VNode {
  const done = (): void => {
    text.value = '';
    onClose();
  };
  const run = (): void => useToken(text.value);
  return html`<${Dialog}
    title="Token"
    action=${text.value === '' && token.value !== '' ? 'Forget the token' : 'Use it'}
    run=${run}
    onClose=${done}
  >
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
