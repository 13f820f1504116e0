/** What every view is written with. */

import { html as template } from 'htm/preact';
import type { ComponentChildren, VNode } from 'preact';

/** A template as a node of the page. All values are text: nothing is taken for markup. */
export const html = template as (strings: TemplateStringsArray, ...values: unknown[]) => VNode;

export type { ComponentChildren, VNode };
