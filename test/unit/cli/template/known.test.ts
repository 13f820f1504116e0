import { expect, it } from '@jest/globals';
import { Registry } from '../../../../src/cli/template/known.js';
import type { BenderEvent } from '../../../../src/model/events.js';
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
