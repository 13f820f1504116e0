import { expect, it } from '@jest/globals';
import { Registry } from '../../../../src/cli/template/known.js';
import type { Backend } from '../../../../src/model/catalog.js';
import type { BenderEvent } from '../../../../src/model/events.js';
import { parseNear } from '../../../../src/model/near.js';
import { backendOf, frontendOf, registrationOf, snapshotOf } from '../../../helpers/catalog.js';

const registryOf = (...events: BenderEvent[]): Registry => {
  const registry = new Registry();
  for (const event of events) registry.apply(event);
  return registry;
};
const [one, two, other] = [
  registrationOf('web/1.0.0/h/80'),
  registrationOf('web/1.1.0/h/81'),
  registrationOf('api/1.0.0/h/82'),
];

it('knows what the events add up to, in an order that is always the same', () => {
  const { frontends, backends, registrations } = registryOf(
    snapshotOf({ registrations: [two, registrationOf('bender/1.0.0/h/1729')], backends: [] }),
    { type: 'frontend-created', frontend: frontendOf('www', 'web'), at: 1 },
    { type: 'backend-created', backend: backendOf('web', 'web', '^1.0.0'), at: 1 },
    { type: 'backend-created', backend: backendOf('api', 'api', '2.0.0'), at: 1 },
    { type: 'online', registration: other, at: 2 },
    { type: 'online', registration: one, at: 3 },
  ).known();
  expect(registrations).toEqual([other, one, two]);
  expect(frontends).toEqual([frontendOf('www', 'web')]);
  expect(backends.map(({ name, registrations }) => [name, registrations.map(({ id }) => id)])).toEqual([
    ['api', []],
    ['web', [one.id, two.id]],
  ]);
});

it('gives what drains no weight', () => {
  const drained = registrationOf('web/1.0.0/h/83', { draining: true });
  const registry = registryOf(
    snapshotOf({ registrations: [one, drained], backends: [backendOf('web', 'web', '1.0.0')] }),
  );
  const weights = registry.known().backends[0]!.registrations.map(({ port, weight }) => [port, weight]);
  expect(weights).toEqual([
    [80, 1],
    [83, 0],
  ]);
});

it('marks as backups what is not near, with weights of their own', () => {
  const at = (id: string, zone: string) => registrationOf(id, { meta: { zone } });
  const registrations = [
    ...[at('web/1.0.0/a/1', 'eu-2'), at('web/1.0.0/b/1', 'eu-1'), at('web/1.0.0/c/1', 'eu-2')],
    at('web/2.0.0/d/1', 'eu-2'),
  ];
  const backend = { ...backendOf('web', 'web', ''), version: undefined, split: { '1.0.0': 90, '2.0.0': 10 } };
  const registry = registryOf(snapshotOf({ registrations, backends: [backend as unknown as Backend] }));
  const shown = (near?: string) =>
    registry
      .known(near === undefined ? undefined : parseNear(near))
      .backends[0]!.registrations.map(({ host, weight, backup = false }) => [host, weight, backup]);
  expect(shown('zone:eu-1')).toEqual([
    ['a', 1, true],
    ['b', 9, false],
    ['c', 1, true],
    ['d', 1, false],
  ]);
  for (const near of [undefined, 'zone:eu-3']) expect(shown(near).map(([, , backup]) => backup)).not.toContain(true);
});

it('raises the weight of what comes online while it watches, in steps of its own clock', () => {
  let now = 0;
  const registry = new Registry(() => now);
  const backend = { ...backendOf('web', 'web', '1.0.0'), warmupMs: 9000 };
  registry.apply(snapshotOf({ registrations: [one], backends: [backend] }));
  expect(registry.nextStepMs).toBe(Infinity);
  now = 1000;
  registry.apply({ type: 'online', registration: registrationOf('web/1.0.0/h/83'), at: 0 });
  const weights = () => registry.known().backends[0]!.registrations.map(({ weight }) => weight);
  for (const expected of [
    [4, 1],
    [2, 1],
    [4, 3],
  ]) {
    expect(weights()).toEqual(expected);
    now += registry.nextStepMs;
  }
  expect(weights()).toEqual([1, 1]);
  expect([now, registry.nextStepMs]).toEqual([10_000, Infinity]);
});

it('tells what was deleted from what is just not there any more', () => {
  const backend = backendOf('web', 'web', '1.0.0');
  const frontend = frontendOf('www');
  const registry = registryOf(
    snapshotOf({ backends: [backend, backendOf('api', 'api', '1')], frontends: [frontend] }),
    { type: 'backend-deleted', backend, at: 1 },
    { type: 'frontend-deleted', frontend, at: 1 },
    snapshotOf(),
  );
  expect([...registry.deleted.backends]).toEqual(['web']);
  expect([...registry.deleted.frontends]).toEqual(['www']);
  registry.apply(snapshotOf({ backends: [backend], frontends: [frontend] }));
  expect([...registry.deleted.backends, ...registry.deleted.frontends]).toEqual([]);
});
