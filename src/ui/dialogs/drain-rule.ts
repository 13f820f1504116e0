/** Drains a version of an app by a rule, or ends such a rule. */

import { useSignal } from '@preact/signals';
import { servedBy } from '../../model/availability.js';
import { formatScope, ruleText, usualRuleName } from '../../model/drain-rule.js';
import { api } from '../api.js';
import { html, type VNode } from '../html.js';
import { ruledVersions } from '../state/rules.js';
import { board, eventCount } from '../store.js';
import { Dialog } from './dialog.js';
import { gone, ReasonField } from './parts.js';

interface Props {
  app: string;
  version: string;
  onClose: () => void;
}

export function AddRuleDialog({ app, version, onClose }: Props): VNode {
  const reason = useSignal('');
  void eventCount.value;
  const scope = { app, version };
  const what = formatScope(scope);
  const said = reason.value.trim();
  const run = async (): Promise<void> => {
    await api.createDrainRule({ name: usualRuleName(scope), ...scope, ...(said !== '' && { reason: said }) });
  };
  const isDrained = ruledVersions(scope);
  const groups = [...board.groups.values()].filter((group) => group.app === app && isDrained(group.version));
  const count = groups.reduce((sum, { online }) => sum + online.size, 0);
  const now = count === 1 ? 'the one that is online now' : `the ${count.toLocaleString('en')} that are online now`;
  const others = groups.filter((group) => group.version !== version).map((group) => group.version);
  const without = leftWithout(app, isDrained);
  return html`<${Dialog} title=${`Drain all of ${what}`} action="Drain all" run=${run} onClose=${onClose}>
    <p>
      Callers are no longer sent to any instance of ${what}: not to ${now}, and not to those that come later. They stay
      online. This is a drain rule, and holds until it is ended.
    </p>
    ${others.length > 0 && html`<p class="guard warn">As a range, ${version} also stands for ${others.join(', ')}.</p>`}
    ${without.length > 0 && html`<p class="guard bad" role="status">Nothing is left for the callers of ${without.join(' and ')}.</p>`}
    <${ReasonField} reason=${reason} />
  <//>`;
}

/** The frontends whose callers would be sent to nothing if these versions of an app were drained. */
function leftWithout(app: string, isDrained: (version: string) => boolean): string[] {
  const available = board.available(app);
  const left = new Map([...available].filter(([version]) => !isDrained(version)));
  return [...board.frontends.values()].flatMap(({ name, backend }) => {
    const served = board.backends.get(backend ?? '');
    const isHit = served?.app === app && servedBy(served, available) > 0 && servedBy(served, left) === 0;
    return isHit ? [`'${name}'`] : [];
  });
}

export function EndRuleDialog({ name, onClose }: { name: string; onClose: () => void }): VNode {
  void eventCount.value;
  const rule = board.drainRules.get(name);
  const title = 'End the drain rule';
  const run = (): Promise<void> => api.deleteDrainRule(name);
  if (!rule)
    return html`<${Dialog} title=${title} action="End it" disabled=${true} run=${run} onClose=${onClose}
      >${gone(`The drain rule '${name}'`)}<//
    >`;
  let count = 0;
  for (const { app, online } of board.groups.values())
    if (app === rule.app) for (const one of online.values()) if (one.drainRule === name) count++;
  return html`<${Dialog} title=${`${title} ${name}`} action="End it" run=${run} onClose=${onClose}>
    <p>
      It drains all of <b>${ruleText(rule)}</b>: ${count.toLocaleString('en')} online now. They take part again, on
      every daemon, unless another rule drains them. Instances that were drained one by one go on draining.
    </p>
  <//>`;
}
