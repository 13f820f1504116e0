/** Undoes the last change of a backend, frontend or drain rule. */

import type { Backend } from '../../model/catalog.js';
import { withUndrained } from '../../model/drained.js';
import type { Edit } from '../../model/history.js';
import type { Registration } from '../../model/registration.js';
import { catalogText } from '../../model/routing.js';
import { api } from '../api.js';
import { drainedOf, setState } from '../deploy.js';
import { eventCount } from '../store.js';
import { html, type VNode } from '../html.js';
import { Dialog } from './dialog.js';
import { onlineOf, onlineText } from './parts.js';

interface Props {
  edit: Edit;
  onClose: () => void;
}

export function RollbackDialog({ edit, onClose }: Props): VNode {
  void eventCount.value;
  const { kind, name, id } = edit;
  const before = edit.kind === 'backend' ? edit.from : undefined;
  const drained = before ? drainedOf(name, before) : [];
  const run = async (): Promise<void> =>
    void (await withUndrained(drained, setState, () => api.rollback(kind, name, id)));
  return html`<${Dialog}
    title=${`Roll back ${kind.replace('-', ' ')} ${name}`}
    action="Roll back"
    run=${run}
    onClose=${onClose}
  >
    <p>
      '${name}' goes from <b>${valueText(edit.to)}</b> back to <b>${valueText(edit.from)}</b>, on every daemon, at once.
    </p>
    ${before && html`<${Guard} before=${before} drained=${drained} />`}
    <p class="faint">The daemon refuses it if another change has come after this one.</p>
  <//>`;
}

function Guard({ before, drained }: { before: Backend; drained: Registration[] }): VNode {
  const isRefused = onlineOf(before, drained) === 0;
  return html`<p class=${`guard ${isRefused ? 'bad' : 'good'}`} role="status">
    ${onlineText(before, drained)}${isRefused && ' The daemon refuses that.'}
  </p>`;
}

const valueText = (value: Edit['from']): string => (value ? catalogText(value) : 'nothing');
