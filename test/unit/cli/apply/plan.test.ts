import { expect, it } from '@jest/globals';
import { plan, printStep, type Wanted } from '../../../../src/cli/apply/plan.js';
import type { DrainRule } from '../../../../src/model/drain-rule.js';
import type { Backend, Frontend } from '../../../../src/model/catalog.js';

const web: Backend = { resource: 'Backend', name: 'web', app: 'web', version: '1.0.0' };
const split: Backend = { resource: 'Backend', name: 'api', app: 'api', split: { '1.0.0': 90, '2.0.0': 10 } };
const www: Frontend = { resource: 'Frontend', name: 'www', backend: 'web' };
const bare: Frontend = { resource: 'Frontend', name: 'bare' };

const lines = (
  { backends = [], frontends = [], drainRules = [] }: Partial<Parameters<typeof plan>[0]>,
  wanted: Partial<Wanted>,
  prune = false,
): string[] =>
  plan({ backends, frontends, drainRules }, { backends: [], frontends: [], ...wanted }, prune).map(printStep);

it('creates backends before the frontends that name them', () => {
  expect(
    lines(
      {},
      {
        backends: [{ name: 'web', app: 'web', version: '1.0.0' }],
        frontends: [{ name: 'www', backend: 'web' }],
      },
    ),
  ).toEqual(['+ backend web: web@1.0.0', '+ frontend www: web']);
});

it('changes only what is other than the file says', () => {
  const current = { backends: [web, split], frontends: [www, bare] };
  const asIs: Wanted = {
    backends: [
      { name: 'web', app: 'web', version: '1.0.0' },
      { name: 'api', app: 'api', split: { '2.0.0': 10, '1.0.0': 90 } },
    ],
    frontends: [{ name: 'www', backend: 'web' }, { name: 'bare' }],
  };
  expect(lines(current, asIs, true)).toEqual([]);
  expect(lines(current, { ...asIs, backends: [{ name: 'web', app: 'web', version: '2.0.0' }] })).toEqual([
    '~ backend web: web@1.0.0 -> web@2.0.0',
  ]);
  expect(lines(current, { frontends: [{ name: 'bare', backend: 'api' }] })).toEqual([
    '~ frontend bare: no backend yet -> api',
  ]);
});

it('deletes what the file does not name only when it prunes, frontends first', () => {
  const current = { backends: [web], frontends: [www] };
  expect(lines(current, {})).toEqual([]);
  expect(lines(current, {}, true)).toEqual(['- frontend www: web', '- backend web: web@1.0.0']);
});

it('refuses to take a backend away from a frontend', () => {
  expect(() => lines({ frontends: [www] }, { frontends: [{ name: 'www' }] })).toThrow("frontend 'www' serves 'web'");
});

it('changes a warm-up that the file names, and removes it where it says so', () => {
  const backend = { ...web, warmupMs: 30_000 };
  const lines = (warmupMs?: number | null) => {
    const fields = { name: 'web', app: 'web', version: '1.0.0', ...(warmupMs !== undefined && { warmupMs }) };
    return plan(
      { backends: [backend], frontends: [], drainRules: [] },
      { backends: [fields], frontends: [] },
      false,
    ).map(printStep);
  };
  expect(lines()).toEqual([]);
  expect(lines(30_000)).toEqual([]);
  expect(lines(60_000)).toEqual(['~ backend web: web@1.0.0 warmup=30s -> web@1.0.0 warmup=1m']);
  for (const none of [null, 0]) expect(lines(none)).toEqual(['~ backend web: web@1.0.0 warmup=30s -> web@1.0.0']);
});

it('changes routing facts that the file names, and removes them where it says so', () => {
  const routed: Backend = { ...web, routing: { scheme: 'https' } };
  const fields = { name: 'web', app: 'web', version: '1.0.0' };
  expect(lines({ backends: [routed] }, { backends: [fields] })).toEqual([]);
  expect(lines({ backends: [routed] }, { backends: [{ ...fields, routing: null }] })).toEqual([
    '~ backend web: web@1.0.0 (scheme=https) -> web@1.0.0',
  ]);
  expect(lines({ frontends: [bare] }, { frontends: [{ name: 'bare', routing: { hosts: ['a', 'b'] } }] })).toEqual([
    '~ frontend bare: no backend yet -> no backend yet (host=a,b)',
  ]);
});

it('changes drain rules, and leaves them alone if the file does not speak of them', () => {
  const rule = (name: string, reason?: string): DrainRule => ({
    ...{ resource: 'DrainRule', name, app: 'web', version: name },
    ...(reason !== undefined && { reason }),
  });
  const current = { drainRules: [rule('1', 'slow'), rule('2')] };
  const [, two] = current.drainRules;
  expect(lines(current, {}, true)).toEqual([]);
  expect(lines(current, { drainRules: [rule('1', 'slow'), two!] }, true)).toEqual([]);
  expect(lines(current, { drainRules: [rule('1'), rule('3')] }, true)).toEqual([
    '- drain rule 2: web@2',
    '~ drain rule 1: web@1 (slow) -> web@1',
    '+ drain rule 3: web@3',
  ]);
  expect(lines(current, { drainRules: [] })).toEqual([]);
});
