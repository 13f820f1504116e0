/** Drains an instance, or undrains it. */

import { useSignal } from '@preact/signals';
import { api } from '../api.js';
import { board, eventCount } from '../store.js';
import { html, type VNode } from '../html.js';
import { rulesOn } from '../state/rules.js';
import { Dialog } from './dialog.js';
import { gone, ReasonField } from './parts.js';

/** For how long an instance can be drained here: minutes, and how that is called. */
const spans: readonly [minutes: number, name: string][] = [
  [15, '15 minutes'],
  [30, '30 minutes'],
  [60, '1 hour'],
  [4 * 60, '4 hours'],
  [24 * 60, '1 day'],
  [7 * 24 * 60, '7 days'],
];

interface Props {
  id: string;
  drains: boolean;
  onClose: () => void;
}

export function DrainDialog({ id, drains, onClose }: Props): VNode {
  const reason = useSignal('');
  const minutes = useSignal(0);
  void eventCount.value;
  const registration = board.find(id)?.registration;
  const title = drains ? 'Drain' : 'Undrain';
  const run = async (): Promise<void> =>
    void (
      registration &&
      (await api.setDraining(
        registration,
        drains,
        reason.value.trim(),
        drains && minutes.value > 0 ? minutes.value * 60_000 : undefined,
      ))
    );
  if (!registration)
    return html`<${Dialog} title=${title} action=${title} disabled=${true} run=${run} onClose=${onClose}
      >${gone(id)}<//
    >`;
  const { app, version } = registration;
  const left = board.availableIf(id, drains);
  const takePart = `${left.toLocaleString('en')} of ${app}@${version} ${left === 1 ? 'takes' : 'take'} part then.`;
  const [rule] = rulesOn(board.drainRules, registration);
  return html`<${Dialog} title=${`${title} ${id}`} action=${title} run=${run} onClose=${onClose}>
    <p>
      ${
        drains
          ? `It stays online, and callers are no longer sent to it. ${takePart} This holds ${minutes.value === 0 ? '' : 'for that time, '}until it is undrained, or until it ends.`
          : rule
            ? `Callers are still not sent to it, since the rule '${rule.name}' drains it, too.`
            : `Callers are sent to it again, if a backend is about ${app}@${version}. ${takePart}`
      }
    </p>
    ${drains && left === 0 && html`<p class="guard bad" role="status">It is the last one that takes part.</p>`}
    ${
      drains &&
      html`<p>
        <label class="field"
          >For
          <select
            value=${String(minutes.value)}
            onChange=${(event: Event) => (minutes.value = Number((event.target as HTMLSelectElement).value))}
          >
            <option value="0">until it is undrained</option>
            ${spans.map(([one, name]) => html`<option key=${one} value=${String(one)}>${name}</option>`)}
          </select></label
        >
      </p>`
    }
    <${ReasonField} reason=${reason} />
  <//>`;
}
