import { describe, expect, it } from '@jest/globals';
import { EventFilter } from '../../../../src/daemon/http/event-filter.js';
import type { Backend } from '../../../../src/model/catalog.js';
import type { Change, DaemonIdentity, Snapshot } from '../../../../src/model/events.js';
import type { Registration } from '../../../../src/model/registration.js';

const registration = { app: 'web', version: '1.2.0' } as Registration;
const backend: Backend = { resource: 'Backend', name: 'b', app: 'web', version: '1.x' };
const changes: Record<string, Change> = {
  online: { type: 'online', registration },
  offline: { type: 'offline', registration, reason: 'expired' },
  backend: { type: 'backend-updated', backend },
  frontend: { type: 'frontend-created', frontend: { resource: 'Frontend', name: 'f' } },
  daemon: { type: 'daemon-online', daemon: {} as DaemonIdentity },
};

describe('passes', () => {
  it.each([
    ['', 'online offline backend frontend daemon'],
    ['app=web', 'online offline backend'],
    ['app=web&version=1.2.0', 'online offline'],
    ['version=1.x', 'online offline backend'],
    ['version=%5E2', ''],
    ['app=shop', ''],
    ['app=&version=&type=', 'online offline backend frontend daemon'],
    ['type=offline', 'offline'],
    ['type=offline,daemon-online', 'offline daemon'],
    ['type=online&type=offline', 'online offline'],
    ['app=shop&type=online&type=frontend-created', 'frontend'],
  ])('for ?%s: %s', (query, passed) => {
    const filter = new EventFilter(new URLSearchParams(query));
    const passing = Object.entries(changes).filter(([, change]) => filter.matches(change));
    expect(passing.map(([name]) => name).join(' ')).toBe(passed);
  });
});

it('selects of a snapshot what the events that pass go on from', () => {
  const snapshot: Snapshot = {
    type: 'snapshot',
    registrations: [registration, { ...registration, app: 'shop' }],
    backends: [backend],
    frontends: [{ resource: 'Frontend', name: 'f' }],
    daemons: [{} as DaemonIdentity],
  };
  const select = (query: string) => new EventFilter(new URLSearchParams(query)).select(snapshot);
  const none = { type: 'snapshot', registrations: [], backends: [], frontends: [], daemons: [] };
  expect(select('')).toEqual(snapshot);
  expect(select('app=web')).toEqual({ ...none, registrations: [registration], backends: [backend] });
  expect(select('type=offline')).toEqual({ ...none, registrations: snapshot.registrations });
  expect(select('app=web&type=daemon-offline')).toEqual({ ...none, daemons: snapshot.daemons });
});

it('names the types that there are', () => {
  expect(() => new EventFilter(new URLSearchParams('type=onlin'))).toThrow(
    /'type' must be of online, .*'onlin'/,
  );
});
