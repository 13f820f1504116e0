import { beforeEach, describe, expect, it } from '@jest/globals';
import { type Asker, ServiceIds } from '../../../../../src/daemon/surfaces/consul/service-ids.js';
import type { Registration, RegistrationId } from '../../../../../src/model/registration.js';

type Source = ConstructorParameters<typeof ServiceIds>[0];

const known = new Map<RegistrationId, Registration>();
const heldAt = new Map<RegistrationId, ReturnType<Source['heldAt']>>();
let change: (id: RegistrationId) => void;
let gone: (id: RegistrationId) => void;
const registry = {
  onChange: (listener) => (change = listener),
  known: (id) => known.get(id),
  onGone: (listener) => (gone = listener),
  groups: () => [],
  unhealthyGroups: () => [],
  registrationsIn: () => [],
  inquire: () => Promise.resolve(),
  heldAt: (id) => heldAt.get(id) ?? 'elsewhere',
} satisfies Partial<Source> as unknown as Source;
let ids: ServiceIds;
beforeEach(() => {
  known.clear();
  heldAt.clear();
  ids = new ServiceIds(registry);
});

/** Has a service with the ID `web` on a host. */
function add(host: string, app = 'web', consul: object = { id: 'web' }): RegistrationId {
  const id = `${app}/1/${host}/80` as RegistrationId;
  known.set(id, { id, app, version: '1', host, port: 80, meta: { consul } } as unknown as Registration);
  change(id);
  return id;
}

const from = (address: string, app?: string): Asker => ({ address, mayChange: (one) => !app || one === app });
const found = async (asker: Asker): Promise<string | undefined> => (await ids.service('web', asker))?.id;

describe('among several services with one ID, a client means', () => {
  it('the one that it registered here, whatever its host is called', async () => {
    const ids1 = add('a.example');
    add('b.example');
    add('10.0.0.1');
    ids.registered(ids1, { address: '10.0.0.1' });
    expect(await found(from('10.0.0.1'))).toBe(ids1);
  });

  it('the one on its host', async () => {
    add('10.0.0.1');
    const second = add('10.0.0.2');
    expect(await found(from('::ffff:10.0.0.2'))).toBe(second);
  });

  it('the one that this daemon holds, if clients call the daemon of their host', async () => {
    add('10.0.0.1');
    const second = add('10.0.0.2');
    heldAt.set(second, 'here');
    expect(await found(from('127.0.0.1'))).toBe(second);
    expect((await ids.check('service:web', from('127.0.0.1')))!.id).toBe(second);
  });

  it('the one that no daemon holds, after a restart of this one', async () => {
    const first = add('10.0.0.1');
    add('10.0.0.2');
    heldAt.set(first, 'nowhere');
    expect(await found(from('127.0.0.1'))).toBe(first);
  });

  it('no one, if nothing tells them apart', async () => {
    const first = add('10.0.0.1');
    ids.registered(first, { address: '127.0.0.1' });
    known.delete(first);
    change(first);
    gone(first);
    add('10.0.0.1');
    add('10.0.0.2');
    await expect(found(from('127.0.0.1'))).rejects.toThrow(/in use on several hosts \(10\.0\.0\.1, 10\.0\.0\.2\)/);
  });
});

it('looks only among the apps that the client may change, if it may change one', async () => {
  const mine = add('10.0.0.1', 'pay');
  const foreign = add('10.6.6.6', 'web');
  const pay = from('10.0.0.9', 'pay');
  expect(await found(pay)).toBe(mine);
  expect(ids.onHost('web', '10.6.6.6', pay)).toEqual([]);
  expect(ids.onHost('web', '10.0.0.1', pay)).toHaveLength(1);
  known.delete(mine);
  change(mine);
  expect(await found(pay)).toBe(foreign);
});

it('takes no ID for that of another registration that has it as its own id', async () => {
  const mine = add('10.0.0.1', 'pay', {});
  add('10.6.6.6', 'web', { id: mine });
  expect((await ids.service(mine, from('10.0.0.9', 'pay')))!.id).toBe(mine);
});
