/** Shares the requests of a backend among versions. */

import { useSignal } from '@preact/signals';
import { formatTarget } from '../../model/catalog.js';
import { isRange } from '../../model/version.js';
import { api } from '../api.js';
import { board, eventCount } from '../store.js';
import { html, type VNode } from '../html.js';
import { versionsToSplit } from '../state/split-versions.js';
import { Dialog } from './dialog.js';
import { callersOf, gone, versionsFor } from './parts.js';
import { percent } from '../parts/percent.js';

interface Props {
  name: string;
  onClose: () => void;
}

export function SplitDialog({ name, onClose }: Props): VNode {
  void eventCount.value;
  const backend = board.backends.get(name);
  const weights = useSignal<Record<string, number>>(
    backend?.split ?? (backend?.version !== undefined && !isRange(backend.version) ? { [backend.version]: 100 } : {}),
  );
  const versions = backend ? versionsToSplit(versionsFor(backend), weights.value) : [];
  const sum = versions.reduce((so, version) => so + (weights.value[version] ?? 0), 0);
  const available = board.available(backend?.app ?? '');
  const run = async (): Promise<void> => {
    const split = Object.fromEntries(
      versions.flatMap((version) => (version in weights.value ? [[version, weights.value[version]!]] : [])),
    );
    await api.split(name, split);
  };
  if (!backend)
    return html`<${Dialog} title="Split" action="Split" disabled=${true} run=${run} onClose=${onClose}
      >${gone(`The backend '${name}'`)}<//
    >`;
  const missing = versions.filter(
    (version) => (weights.value[version] ?? 0) > 0 && (available.get(version) ?? 0) === 0,
  );
  return html`<${Dialog} title=${`Split ${name}`} action="Split" disabled=${sum === 0} run=${run} onClose=${onClose}>
    <div class="sliders">
      ${versions.map((version) => {
        const weight = weights.value[version] ?? 0;
        return html`<label key=${version}>
          <span
            >${version} <span class="faint">${(available.get(version) ?? 0).toLocaleString('en')} online</span></span
          >
          <input
            type="range"
            min="0"
            max=${Math.max(100, ...Object.values(weights.value))}
            value=${weight}
            aria-valuetext=${`weight ${weight}`}
            onInput=${(event: Event) => (weights.value = { ...weights.value, [version]: (event.target as HTMLInputElement).valueAsNumber })}
          />
          <output class="number">${sum === 0 ? '–' : percent(weight / sum)}</output>
        </label>`;
      })}
    </div>
    ${missing.length > 0 && html`<p class="guard bad" role="status">Nothing of ${missing.join(', ')} is online and not draining. The daemon refuses that.</p>`}
    <p>
      Callers of ${callersOf(name)} are sent to these versions in these shares, on every daemon, at once. Now it is
      <b>${` ${formatTarget(backend)}`}</b>.
    </p>
  <//>`;
}
