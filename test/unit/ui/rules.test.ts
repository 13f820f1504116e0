import { expect, it } from '@jest/globals';
import type { DrainRule } from '../../../src/model/drain-rule.js';
import { rulesOn } from '../../../src/ui/state/rules.js';

const rule = (name: string, app: string, version?: string): [string, DrainRule] => [
  name,
  { resource: 'DrainRule', name, app, ...(version !== undefined && { version }) },
];

it.each([
  ['1.0.0', ['last', 'all', 'range']],
  ['1.2.0', ['all', 'range']],
  ['2.0.0', ['all']],
])('finds the drain rules on %s, first the one that names it', (version, names) => {
  const rules = new Map([
    ...[rule('range', 'web', '^1.0.0'), rule('all', 'web'), rule('last', 'web', '1.0.0')],
    rule('other', 'api'),
  ]);
  expect(rulesOn(rules, { app: 'web', version }).map(({ name }) => name)).toEqual(names);
});
