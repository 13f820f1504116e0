import { describe, expect, it } from '@jest/globals';
import { addRule, endRules, refuseRuled } from '../../../src/cli/drain-rules.js';
import type { Client } from '../../../src/client/index.js';
import type { DrainRule, DrainRuleFields } from '../../../src/model/drain-rule.js';
import { registrationOf } from '../../helpers/catalog.js';

/** A client of a daemon with these rules, and what it was asked to write. */
function clientOf(...fields: DrainRuleFields[]) {
  const rules = fields.map((one): DrainRule => ({ resource: 'DrainRule', ...one }));
  const asked: unknown[][] = [];
  const note =
    (what: string) =>
    (...given: unknown[]) => {
      asked.push([what, ...given]);
      return Promise.resolve(rules[0]);
    };
  const drainRules = {
    list: () => Promise.resolve(rules),
    ...{ create: note('create'), update: note('update'), delete: note('delete') },
  };
  return { client: { drainRules } as unknown as Client, asked };
}

const rules: DrainRuleFields[] = [
  { name: 'all', app: 'web' },
  { name: 'one', app: 'web', version: '1.0.0' },
  { name: 'range', app: 'web', version: '^1.0.0' },
  { name: 'major', app: 'web', version: '1.x' },
  { name: 'api', app: 'api', version: '1.0.0' },
];

describe('undrain --app', () => {
  it.each([
    [{ app: 'web' }, ['all', 'one', 'range', 'major']],
    [{ app: 'web', version: '1.0.0' }, ['one']],
    [{ app: 'web', version: '^1.0.0' }, ['one', 'range']],
    [{ app: 'web', version: '2.0.0' }, []],
    [{ app: 'shop' }, []],
  ])('%j ends %j', async (scope, ended) => {
    const { client, asked } = clientOf(...rules);
    expect((await endRules(client, scope)).map(({ name }) => name)).toEqual(ended);
    expect(asked).toEqual(ended.map((name) => ['delete', name]));
  });
});

describe('drain --rule', () => {
  it.each([
    [{ app: 'web', version: '2.0.0' }, 'web@2.0.0'],
    [{ app: 'shop' }, 'shop'],
    [{ app: 'web', version: '>=1.0.0  <2.0.0' }, 'web@>=1.0.0,<2.0.0'],
  ])('%j makes a rule called %s', async (scope, name) => {
    const { client, asked } = clientOf(...rules);
    await addRule(client, scope, { reason: 'slow', force: false });
    expect(asked).toEqual([['create', { name, ...scope, reason: 'slow' }, { atLeast: 1 }]]);
  });

  it('gives the rule that there is another reason, whatever it is called', async () => {
    const { client, asked } = clientOf(...rules);
    await addRule(client, { app: 'web', version: '1.0.0' }, { reason: 'slow', force: true });
    await addRule(client, { app: 'web' }, { reason: undefined, force: false });
    expect(asked).toEqual([['update', 'one', { reason: 'slow' }, { atLeast: 0 }]]);
  });
});

it('says which rules still drain what was undrained, and how to end them', async () => {
  const { client } = clientOf(...rules);
  const ruledBy = (port: number, drainRule: string) => ({ ...registrationOf(`web/1.0.0/h/${port}`), drainRule });
  await refuseRuled(client, [registrationOf('web/1.0.0/h/1')]);
  await expect(refuseRuled(client, [ruledBy(1, 'one')])).rejects.toThrow(
    "web/1.0.0/h/1 is still draining by the rule 'one': end it with 'bender undrain --app web --version 1.0.0 --rule'",
  );
  await expect(refuseRuled(client, [ruledBy(1, 'all'), ruledBy(2, 'range')])).rejects.toThrow(
    "2 instances, such as web/1.0.0/h/1, are still draining by the rules 'all', 'range': end them with 'bender undrain --app web --rule', 'bender undrain --app web --version \"^1.0.0\" --rule'",
  );
});
