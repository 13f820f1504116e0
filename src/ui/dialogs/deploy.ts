/** Points a backend at another version, with the guard of the daemon in sight. */

import { useSignal } from '@preact/signals';
import { availabilityOf } from '../../model/availability.js';
import { formatTarget } from '../../model/catalog.js';
import { api } from '../api.js';
import { board, structure, total } from '../store.js';
import { html, type VNode } from '../html.js';
import { Dialog } from './dialog.js';
import { callersOf, gone, instancesOf, versionsFor } from './parts.js';

interface Props {
  name: string;
  onClose: () => void;
}

export function DeployDialog({ name, onClose }: Props): VNode {
  const version = useSignal('');
  const atLeast = useSignal(1);
  void structure.value;
  void total.value;
  const backend = board.backends.get(name);
  const run = async (): Promise<void> => void (await api.deploy(name, version.value, atLeast.value));
  if (!backend)
    return html`<${Dialog} title="Deploy" action="Deploy" disabled=${true} run=${run} onClose=${onClose}
      >${gone(`The backend '${name}'`)}<//
    >`;
  const target = { app: backend.app, version: version.value };
  const { online } = availabilityOf(target, board.available(backend.app));
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
          min="0"
          value=${atLeast.value}
          onInput=${(event: Event) => (atLeast.value = Math.max(0, (event.target as HTMLInputElement).valueAsNumber || 0))}
      /></label>
    </p>
    ${
      version.value !== '' &&
      html`<p class=${`guard ${online < atLeast.value ? 'bad' : 'good'}`} role="status">
          ${instancesOf(target)} of ${formatTarget(target)} online and not draining.${' '}
          ${online < atLeast.value ? `The daemon refuses fewer than ${atLeast.value}.` : ''}
        </p>
        <p>
          Callers of ${callersOf(name)} are sent from <b>${formatTarget(backend)}</b> to
          <b>${` ${formatTarget(target)}`}</b>, on every daemon, at once. Nothing is drained or stopped.
        </p>`
    }
  <//>`;
}
