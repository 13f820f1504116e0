/** A button that changes something. */

import type { ComponentChildren } from 'preact';
import type { Need } from '../../model/roles.js';
import { refusedFor } from '../access.js';
import { type DialogOf, openDialog } from '../dialogs/open.js';
import { html, type VNode } from '../html.js';

interface Props {
  need: Exclude<Need, 'nothing'>;
  /** The app that it is about; undefined: none. */
  app: string | undefined;
  /** What it opens. */
  dialog: DialogOf;
  /** Its name, if that is not what it shows. */
  label?: string;
  children?: ComponentChildren;
}

/**
 * What the token may not do is marked as disabled, with the reason. The button can be reached all the same, by keyboard
 * and touch, and leads to the dialog for another token.
 */
export function Action({ need, app, dialog, label, children }: Props): VNode {
  const refusal = refusedFor(need, app);
  return html`<button
    type="button"
    aria-label=${label}
    aria-disabled=${refusal === undefined ? undefined : 'true'}
    title=${refusal}
    onClick=${() => openDialog(refusal === undefined ? dialog : { kind: 'token', why: refusal })}
  >
    ${children}
  </button>`;
}
