/** Points a backend at another version, with the guard of the daemon in sight. */

import { useSignal } from '@preact/signals';
import { availabilityOf } from '../../model/availability.js';
import { formatTarget } from '../../model/catalog.js';
import { api } from '../api.js';
import { board, structure, total } from '../store.js';
import { html, type VNode } from '../html.js';
import { countIn, guardOf, usualCount } from '../state/at-least.js';
import { Dialog } from './dialog.js';
import { callersOf, gone, instancesOf, versionsFor } from './parts.js';

interface Props {
  name: string;
  onClose: () => void;
}

export function DeployDialog({ name, onClose }: Props): VNode {
  const version = useSignal('');
  const count = useSignal(usualCount);
  const isForced = useSignal(false);
  void structure.value;
  void total.value;
  const backend = board.backends.get(name);
  const atLeast = isForced.value ? 0 : countIn(count.value);
  const run = async (): Promise<void> => void (await api.deploy(name, version.value, atLeast));
  if (!backend)
    return html`<${Dialog} title="Deploy" action="Deploy" disabled=${true} run=${run} onClose=${onClose}
      >${gone(`The backend '${name}'`)}<//
    >`;
  const target = { app: backend.app, version: version.value };
  const { online } = availabilityOf(target, board.available(backend.app));
  const { tone, warning } = guardOf(online, atLeast);
  return html`<${Dialog}
    title=${`Deploy ${name}`}
    action="Deploy"
    disabled=${version.value === ''}
    run=${run}
    onClose=${onClose}
  >
    <p class="row">
      <label class="field"
        >Version of ${backend.app}
        <input
          required
          list="versions"
          autocomplete="off"
          value=${version.value}
          onInput=${(event: Event) => (version.value = (event.target as HTMLInputElement).value.trim())}
      /></label>
      <datalist id="versions">${versionsFor(backend).map((one) => html`<option key=${one} value=${one} />`)}</datalist>
      <label class="field short"
        >At least online
        <input
          type="number"
          min="1"
          disabled=${isForced.value}
          value=${count.value}
          onInput=${(event: Event) => (count.value = (event.target as HTMLInputElement).value)}
      /></label>
    </p>
    <p>
      <label
        ><input
          type="checkbox"
          checked=${isForced.value}
          onChange=${(event: Event) => (isForced.value = (event.target as HTMLInputElement).checked)}
        />
        Deploy all the same if none is online</label
      >
    </p>
    ${
      version.value !== '' &&
      html`<p class=${`guard ${tone}`} role="status">
          ${instancesOf(target)} of ${formatTarget(target)} online and not draining.${` ${warning}`}
        </p>
        <p>
          Callers of ${callersOf(name)} are sent from <b>${formatTarget(backend)}</b> to
          <b>${` ${formatTarget(target)}`}</b>, on every daemon, at once. Nothing is drained or stopped.
        </p>`
    }
  <//>`;
}
