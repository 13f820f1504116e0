/** A ring that shrinks with the lease of an instance, and a word on one that is about to expire. */

import { useRemaining } from '../leases.js';
import { ringParts } from '../state/remaining.js';
import { html, type VNode } from '../html.js';

interface Props {
  id: string;
}

/** The ring alone, around what marks the state. It is not drawn until the lease is known. */
export function Ring({ id }: Props): VNode | null {
  const remaining = useRemaining(id);
  if (!remaining) return null;
  const { parts, late } = remaining;
  return html`<svg class=${`ring ${late === undefined ? '' : 'late'}`} viewBox="0 0 16 16" aria-hidden="true">
    <circle class="whole" cx="8" cy="8" r="6.5" />
    <circle class="left" cx="8" cy="8" r="6.5" pathLength=${ringParts} stroke-dasharray=${`${parts} ${ringParts}`} />
  </svg>`;
}

/** Says so if it is about to expire. */
export function Expiring({ id, isHidden = false }: Props & { isHidden?: boolean }): VNode | null {
  const late = useRemaining(id)?.late;
  if (late === undefined) return null;
  return html`<span class=${isHidden ? 'hidden' : 'tag warn'} title=${late}> about to expire</span>`;
}
