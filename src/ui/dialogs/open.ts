/** The dialog that is open, if one is. */

import { signal } from '@preact/signals';
import type { Edit } from '../../model/history.js';
import { html, type VNode } from '../html.js';
import { DeployDialog } from './deploy.js';
import { DrainDialog } from './drain.js';
import { AddRuleDialog, EndRuleDialog } from './drain-rule.js';
import { RollbackDialog } from './rollback.js';
import { SplitDialog } from './split.js';
import { TokenDialog } from './token.js';

export type DialogOf =
  | { kind: 'token'; why?: string }
  | { kind: 'deploy' | 'split'; backend: string }
  | { kind: 'drain' | 'undrain'; id: string }
  | { kind: 'add-rule'; app: string; version: string }
  | { kind: 'end-rule'; name: string }
  | { kind: 'rollback'; edit: Edit };

const opened = signal<DialogOf | undefined>(undefined);

export function openDialog(dialog: DialogOf): void {
  opened.value = dialog;
}

const close = (): void => {
  opened.value = undefined;
};

export function OpenDialog(): VNode | null {
  const dialog = opened.value;
  switch (dialog?.kind) {
    case undefined:
      return null;
    case 'token':
      return html`<${TokenDialog} why=${dialog.why} onClose=${close} />`;
    case 'deploy':
      return html`<${DeployDialog} name=${dialog.backend} onClose=${close} />`;
    case 'split':
      return html`<${SplitDialog} name=${dialog.backend} onClose=${close} />`;
    case 'drain':
    case 'undrain':
      return html`<${DrainDialog} id=${dialog.id} drains=${dialog.kind === 'drain'} onClose=${close} />`;
    case 'add-rule':
      return html`<${AddRuleDialog} app=${dialog.app} version=${dialog.version} onClose=${close} />`;
    case 'end-rule':
      return html`<${EndRuleDialog} name=${dialog.name} onClose=${close} />`;
    case 'rollback':
      return html`<${RollbackDialog} edit=${dialog.edit} onClose=${close} />`;
  }
}
