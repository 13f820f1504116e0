import { describe, expect, it } from '@jest/globals';
import { DrainRules } from '../../../src/crdt/drain-rules.js';
import type { DrainRule, DrainRuleFields } from '../../../src/model/drain-rule.js';
import { View } from '../../../src/crdt/view.js';
import { asId } from '../../../src/model/registration.js';
import { asRunId, entryOf } from '../../helpers/samples.js';

const rule = (fields: DrainRuleFields): DrainRule => ({ resource: 'DrainRule', ...fields });
const one = rule({ name: 'one', app: 'web', version: '1.0.0', reason: 'leaks' });
const rulesOf = (...rules: DrainRule[]) => new DrainRules(rules);

describe('the rule that drains a version', () => {
  const all = rulesOf(
    rule({ name: 'z', app: 'api' }),
    rule({ name: 'b', app: 'web', version: '^1.0.0' }),
    rule({ name: 'c', app: 'web', version: '1.x' }),
    one,
    rule({ name: 'also', app: 'web', version: '2' }),
    rule({ name: 'us', app: 'bender' }),
  );
  it.each<[string, string, string | undefined, string]>([
    ['web', '1.0.0', 'one', 'the one that names it exactly'],
    ['web', '1.1.0', 'b', 'the first by name of those whose range it is in'],
    ['web', '3.0.0', undefined, 'none'],
    ['web', '2', 'also', 'one that names it, even where that is also a range'],
    ['web', '2.5.0', 'also', 'one whose version is also a range'],
    ['api', 'blue', 'z', 'one for every version'],
    ['shop', '1.0.0', undefined, 'none for another app'],
    ['bender', '1.0.0', undefined, 'none for the daemons'],
  ])('%s %s: %s, %s', (app, version, name) => {
    expect(all.of(app, version)?.name).toBe(name);
  });
});

describe('a view', () => {
  const holder = asRunId('h1');
  const [a, b, other] = [asId('web/1.0.0/h1/80'), asId('web/1.0.0/h2/80'), asId('web/2.0.0/h1/80')];
  const bench = () => {
    const view = new View();
    view.set(holder, a, entryOf({ life: 'a' }));
    view.set(holder, b, entryOf({ life: 'b', decision: { turn: 1, draining: true, reason: 'mine' } }));
    view.set(holder, other, entryOf({ life: 'c' }));
    view.flush();
    return view;
  };
  const told = (view: View) =>
    view.flush().map((transition) => {
      const event = transition.toEvent();
      const { id, draining, drainRule, drainReason } = event.registration;
      const previous = event.type === 'updated' ? JSON.stringify(event.previous) : '';
      return [event.type, id, draining, drainRule, drainReason, previous].join(' ').trim();
    });

  it('says once of each instance that a rule begins or ends to drain it', () => {
    const view = bench();
    view.setRules(rulesOf(one));
    expect(told(view)).toEqual([`updated ${a} true one leaks {"draining":false}`]);
    expect(told(view)).toEqual([]);
    expect(Object.fromEntries(view.online.available('web'))).toEqual({ '1.0.0': 0, '2.0.0': 1 });
    view.setRules(rulesOf({ ...one, reason: 'crashes' }));
    expect(told(view)).toEqual([`updated ${a} true one crashes {"drainReason":"leaks"}`]);
    view.setRules(DrainRules.none);
    expect(told(view)).toEqual([`updated ${a} false   {"draining":true,"drainReason":"crashes","drainRule":"one"}`]);
    expect(Object.fromEntries(view.online.available('web'))).toEqual({ '1.0.0': 1, '2.0.0': 1 });
  });

  it('says nothing of what comes and goes between two flushes', () => {
    const view = bench();
    view.setRules(rulesOf(one));
    view.setRules(DrainRules.none);
    expect(told(view)).toEqual([]);
    view.setRules(rulesOf(one));
    view.setRules(rulesOf({ ...one }));
    view.set(holder, a, undefined, false, 'deregistered');
    expect(told(view)).toEqual([`offline ${a} false`]);
  });

  it('shows what comes online under a rule as draining from the first event on', () => {
    const view = bench();
    view.setRules(rulesOf(one));
    view.flush();
    const late = asId('web/1.0.0/h3/80');
    view.set(holder, late, entryOf({ life: 'd' }));
    expect(told(view)).toEqual([`online ${late} true one leaks`]);
  });

  it('shows the decision on an instance before a rule, and the rule once that is over', () => {
    const view = bench();
    view.setRules(rulesOf(one));
    view.flush();
    view.set(holder, b, entryOf({ life: 'b', decision: { turn: 2, draining: false } }));
    expect(told(view)).toEqual([`updated ${b} true one leaks {"drainReason":"mine"}`]);
    view.set(holder, b, entryOf({ life: 'b', decision: { turn: 3, draining: true, reason: 'again' } }));
    expect(told(view)).toEqual([`updated ${b} true  again {"drainReason":"leaks","drainRule":"one"}`]);
  });

  it('changes the stamp of what a rule drains, healthy or not, and of nothing else', () => {
    const view = bench();
    const ill = asId('web/1.0.0/h4/80');
    view.set(holder, ill, entryOf({ life: 'e', unhealthy: 'no answer' }));
    const changed: string[] = [];
    view.onChange((id) => changed.push(id));
    const stamps = () => [
      view.online.stampOf({ app: 'web', version: '1.0.0' }),
      view.unhealthy.stampOf({ app: 'web', version: '1.0.0' }),
      view.online.stampOf({ app: 'web', version: '2.0.0' }),
    ];
    const before = stamps();
    view.setRules(rulesOf(one));
    expect(stamps().map((stamp, index) => stamp !== before[index])).toEqual([true, true, false]);
    expect(changed.sort()).toEqual([a, b, ill]);
    expect(told(view)).toHaveLength(1);
  });
});

describe('many rules with ranges', () => {
  const many = Array.from({ length: 2000 }, (_, n) =>
    rule({ name: `r${String(n).padStart(4, '0')}`, app: 'web', version: `^${n + 1}.0.0` }),
  );
  const timeOf = (run: () => void): number => {
    const begun = performance.now();
    run();
    return performance.now() - begun;
  };

  it('are each tested once for a version, however many instances ask', () => {
    const rules = rulesOf(...many);
    const ask = () => [rules.of('web', '2000.1.0'), rules.of('web', '0.1.0')];
    expect(ask()).toEqual([many.at(-1), undefined]);
    const first = timeOf(() => rulesOf(...many.map((one) => ({ ...one }))).of('web', '1999.1.0'));
    // 4000 more, each of which would take as long as testing all of the rules.
    expect(timeOf(() => void Array.from({ length: 2000 }, ask))).toBeLessThan(first);
  });

  it('are parsed once, however often another one is added', () => {
    const first = timeOf(() => rulesOf(...many.map((one) => ({ ...one }))));
    rulesOf(...many);
    const again = timeOf(() => {
      for (let n = 0; n < 3; n++) rulesOf(...many, rule({ name: 'zz', app: 'web', version: `~1.${n}.0` }));
    });
    expect(again).toBeLessThan(first);
  });
});
