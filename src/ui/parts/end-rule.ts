/** The button that ends a drain rule. */

import type { DrainRule } from '../../model/drain-rule.js';
import { html, type VNode } from '../html.js';
import { Action } from './action.js';

export function EndRule({ rule: { name, app } }: { rule: DrainRule }): VNode {
  return html`<${Action} need="drain" app=${app} label=${`End the rule ${name}`} dialog=${{ kind: 'end-rule', name }}
    >End the rule<//
  >`;
}
