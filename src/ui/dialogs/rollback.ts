/** Undoes the last change of a backend, frontend or drain rule. */

import { formatTarget } from '../../model/catalog.js';
import { drainedMatcher, type SetState, withUndrained } from '../../model/drained.js';
import type { Edit } from '../../model/history.js';
import type { Registration } from '../../model/registration.js';
import { catalogText } from '../../model/routing.js';
import { api } from '../api.js';
import { board, structure, total } from '../store.js';
import { html, type VNode } from '../html.js';
import { Dialog } from './dialog.js';
import { instancesOf } from './parts.js';

interface Props {
  edit: Edit;
  onClose: () => void;
}

export function RollbackDialog({ edit, onClose }: Props): VNode {
  void structure.value;
  void total.value;
  const { kind, name, id } = edit;
  const drained = drainedBy(edit);
  const setState: SetState = (one, { draining, reason = '' }) => api.setDraining(one, draining, reason);
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
    ${edit.kind === 'backend' && edit.from && html`<p class="guard" role="status">${instancesOf(edit.from)} of ${formatTarget(edit.from)} online and not draining.</p>`}
    ${drained.length > 0 && html`<p>${drained.length} that the deployment has drained are undrained first.</p>`}
    <p class="faint">The daemon refuses it if another change has come after this one.</p>
  <//>`;
}

/** The instances of the version before that `bender deploy --drain` has drained. */
function drainedBy(edit: Edit): Registration[] {
  if (edit.kind !== 'backend' || !edit.from) return [];
  const isDrained = drainedMatcher(edit.name, edit.from);
  return [...board.groups.values()].flatMap(({ online }) => [...online.values()]).filter(isDrained);
}

const valueText = (value: Edit['from']): string => (value ? catalogText(value) : 'nothing');
