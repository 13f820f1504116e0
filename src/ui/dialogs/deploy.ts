/** Points a backend at another version, once enough of it is online, with what is missing in sight. */

import { useSignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { formatTarget } from '../../model/catalog.js';
import { deploy, drainedOf } from '../deploy.js';
import { board, eventCount, status } from '../store.js';
import { html, type VNode } from '../html.js';
import { countIn, guardOf, stableForIn, usualCount } from '../state/at-least.js';
import { duration } from '../state/remaining.js';
import { Dialog } from './dialog.js';
import { callersOf, gone, onlineOf, onlineText, versionsFor } from './parts.js';

interface Props {
  name: string;
  onClose: () => void;
}

/** ms, as daemons assume; the same as `bender deploy`. */
const usualTtl = 4000;

const textIn = (event: Event): string => (event.target as HTMLInputElement).value;
const isChecked = (event: Event): boolean => (event.target as HTMLInputElement).checked;

export function DeployDialog({ name, onClose }: Props): VNode {
  const version = useSignal('');
  const count = useSignal(usualCount);
  const stableFor = useSignal('');
  const [isForced, drains] = [useSignal(false), useSignal(false)];
  const isRunning = useSignal(false);
  /** What it waits for; empty while it does not. */
  const missing = useSignal('');
  // It ends with the dialog.
  const over = useMemo(() => new AbortController(), []);
  useEffect(() => () => over.abort(), []);
  void eventCount.value;
  const backend = board.backends.get(name);
  const usualMs = status.value?.settings.ttl ?? usualTtl;
  if (!backend)
    return html`<${Dialog} title="Deploy" action="Deploy" disabled=${true} run=${() => undefined} onClose=${onClose}
      >${gone(`The backend '${name}'`)}<//
    >`;
  const { app } = backend;
  const target = { app, version: version.value };
  const isThere = formatTarget(target) === formatTarget(backend);
  const atLeast = isForced.value ? 0 : countIn(count.value);
  const stableForMs = isThere ? 0 : stableForIn(stableFor.value, usualMs);
  const run = async (): Promise<void> => {
    const deployment = { name, app, version: version.value, atLeast, stableForMs, drains: drains.value };
    isRunning.value = true;
    try {
      await deploy(deployment, (text) => (missing.value = text), over.signal);
    } finally {
      isRunning.value = false;
    }
  };
  const drained = atLeast > 0 ? drainedOf(name, target) : [];
  const { tone, warning } = guardOf(onlineOf(target, drained), atLeast);
  const waits = atLeast > 0 && stableForMs > 0;
  return html`<${Dialog}
    title=${`Deploy ${name}`}
    action="Deploy"
    disabled=${version.value === ''}
    run=${run}
    onClose=${onClose}
  >
    <fieldset disabled=${isRunning.value}>
      <p class="row">
        <label class="field"
          >Version of ${app}
          <input
            required
            list="versions"
            autocomplete="off"
            value=${version.value}
            onInput=${(event: Event) => (version.value = textIn(event).trim())}
        /></label>
        <datalist id="versions">
          ${versionsFor(backend).map((one) => html`<option key=${one} value=${one} />`)}
        </datalist>
        <label class="field short"
          >At least online
          <input
            type="number"
            min="1"
            disabled=${isForced.value}
            value=${count.value}
            onInput=${(event: Event) => (count.value = textIn(event))}
        /></label>
        <label class="field short"
          >for seconds
          <input
            type="number"
            min="0"
            step="any"
            placeholder=${usualMs / 1000}
            disabled=${isForced.value}
            value=${stableFor.value}
            onInput=${(event: Event) => (stableFor.value = textIn(event))}
        /></label>
      </p>
      <p>
        <label
          ><input
            type="checkbox"
            checked=${drains.value}
            onChange=${(event: Event) => (drains.value = isChecked(event))}
          />
          Then drain the version before</label
        >
      </p>
      <p>
        <label
          ><input
            type="checkbox"
            checked=${isForced.value}
            onChange=${(event: Event) => (isForced.value = isChecked(event))}
          />
          Deploy at once, even if none is online</label
        >
      </p>
    </fieldset>
    ${
      version.value !== '' &&
      html`<p class=${`guard ${missing.value === '' ? tone : 'warn'}`} role="status">
          ${missing.value !== '' ? missing.value : `${onlineText(target, drained)} ${warning}`}
        </p>
        <p>
          Callers of ${callersOf(name)} are sent from <b>${formatTarget(backend)}</b> to
          <b>${` ${formatTarget(target)}`}</b>, on every daemon,
          ${waits ? ` once ${atLeast} ${atLeast === 1 ? 'has' : 'have'} been online for ${duration(stableForMs)}` : ' at once'}.${' '}
          ${drains.value ? 'What only the version before was served by is drained then.' : 'Nothing is drained or stopped.'}
          ${atLeast > 0 && ' Until then this dialog has to stay open: if it is closed, nothing changes.'}
        </p>`
    }
  <//>`;
}
