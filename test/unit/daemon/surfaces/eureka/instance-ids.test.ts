import { beforeEach, expect, it } from '@jest/globals';
import { InstanceIds } from '../../../../../src/daemon/surfaces/eureka/instance-ids.js';
import type { Group } from '../../../../../src/daemon/core/registry.js';
import type { Registration, RegistrationId } from '../../../../../src/model/registration.js';

const known = new Map<RegistrationId, Registration>();
let change: (id: RegistrationId) => void;
let looked = 0;

/** A registry whose registrations take a while to read. */
const source = {
  onChange: (listener: (id: RegistrationId) => void) => void (change = listener),
  known: (id: RegistrationId) => known.get(id),
  groups: () => [{} as Group],
  unhealthyGroups: () => [],
  registrationsIn: function* () {
    for (const one of known.values()) {
      looked++;
      const until = performance.now() + 0.005;
      while (performance.now() < until);
      yield one;
    }
  },
};

function put(app: string, port: number, { instance = 'i', registered = 0 } = {}): void {
  const id = `${app}/1.0.0/h/${port}` as RegistrationId;
  known.set(id, { id, app, version: '1.0.0', host: 'h', port, registered, instance, meta: { eureka: {} } } as never);
  change(id);
}

const portsOf = (found: readonly Registration[]): number[] => found.map(({ port }) => port);

beforeEach(() => {
  known.clear();
  change = () => undefined;
  looked = 0;
});

it('has the newest first of those that have one id', async () => {
  const ids = new InstanceIds(source);
  await ids.ready;
  put('web', 1, { registered: 1 });
  put('Web', 3, { registered: 3 });
  put('api', 4, { registered: 4 });
  put('web', 2, { registered: 2 });
  expect([portsOf(ids.find('i', 'wEB')), portsOf(ids.find('i'))]).toEqual([
    [3, 2, 1],
    [4, 3, 2, 1],
  ]);
});

it('follows changes and ends', async () => {
  const ids = new InstanceIds(source);
  await ids.ready;
  put('web', 1);
  put('web', 1, { instance: 'j' });
  expect([portsOf(ids.find('i')), portsOf(ids.find('j', 'web'))]).toEqual([[], [1]]);
  known.clear();
  change('web/1.0.0/h/1' as RegistrationId);
  expect(ids.find('j')).toEqual([]);
});

it('lists those that were there before in slices', async () => {
  for (let port = 1; port <= 5000; port++) put('web', port, { instance: String(port) });
  const ids = new InstanceIds(source);
  expect(looked).toBeLessThan(5000);
  await ids.ready;
  expect([looked, portsOf(ids.find('5000', 'web'))]).toEqual([5000, [5000]]);
});
