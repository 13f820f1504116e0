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
  rule: {
    type: 'drain-rule-created',
    drainRule: { resource: 'DrainRule', name: 'r', app: 'web', version: '1.2.0' },
  },
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
    ['drain-rules=true', 'online offline backend frontend rule daemon'],
    ['drain-rules=true&app=web', 'online offline backend rule'],
    ['drain-rules=true&version=2.x', ''],
    ['type=drain-rule-created', 'rule'],
    ['app=shop&type=drain-rule-created', ''],
    ['type=offline', 'offline'],
    ['type=offline,daemon-online', 'offline daemon'],
    ['type=online&type=offline', 'online offline'],
    ['app=shop&type=online&type=frontend-created', 'frontend'],
  ])('for ?%s: %s', (query, passed) => {
    const filter = new EventFilter(new URLSearchParams(query));
    const passing = Object.entries(changes).filter(([, change]) => filter.pass(change));
    expect(passing.map(([name]) => name).join(' ')).toBe(passed);
  });
});

it('takes a backend with a split for one of each of its versions', () => {
  const event: Change = {
    type: 'backend-updated',
    backend: { resource: 'Backend', name: 'b', app: 'web', split: { '1.2.0': 1, '2.0.0': 1 } },
  };
  const passes = (query: string) => new EventFilter(new URLSearchParams(query)).pass(event) !== undefined;
  expect(['app=web', 'version=1.x', 'version=2.0.0'].filter(passes)).toHaveLength(3);
  expect(['app=shop', 'version=3.x'].filter(passes)).toEqual([]);
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
  expect(() => new EventFilter(new URLSearchParams('type=onlin'))).toThrow(/'type' must be of online, .*'onlin'/);
});

describe('by metadata', () => {
  const filter = new EventFilter(new URLSearchParams('meta.az=eu-1&meta.rack.row=3'));
  const there = { ...registration, meta: { az: 'eu-1', rack: { row: 3 }, n: 1 } };
  const elsewhere = { ...there, meta: { ...there.meta, az: 'us-1' } };
  const updated = (from: Registration, to: Registration): Change => ({
    type: 'updated',
    registration: to,
    previous: from.meta === to.meta ? { draining: true } : { meta: from.meta },
  });

  it('lets through what matches, and nothing but registrations', () => {
    for (const type of ['online', 'offline'] as const) {
      const change = { type, registration: there, reason: 'expired' } as Change;
      expect(filter.pass(change)).toBe(change);
      expect(filter.pass({ ...change, registration: elsewhere } as Change)).toBeUndefined();
    }
    expect(filter.pass(changes.backend!)).toBeUndefined();
    expect(filter.pass(changes.daemon!)).toBeUndefined();
  });

  it('makes of an update what it is to a picture of what matches', () => {
    const still = updated(there, { ...there, meta: { ...there.meta, n: 2 } });
    expect(filter.pass(still)).toBe(still);
    const drained = updated(there, there);
    expect(filter.pass(drained)).toBe(drained);
    expect(filter.pass(updated(elsewhere, there))).toEqual({ type: 'online', registration: there });
    expect(filter.pass(updated(there, elsewhere))).toEqual({
      type: 'offline',
      registration: elsewhere,
      reason: 'unmatched',
    });
    expect(filter.pass(updated(elsewhere, { ...elsewhere, meta: { az: 'us-2' } }))).toBeUndefined();
  });

  it('looks at the type of what the watcher sees', () => {
    const offline = new EventFilter(new URLSearchParams('meta.az=eu-1&type=offline'));
    expect(offline.pass(updated(there, elsewhere))).toMatchObject({ type: 'offline' });
    expect(offline.pass(updated(elsewhere, there))).toBeUndefined();
  });

  it('selects of a snapshot what matches', () => {
    const snapshot: Snapshot = {
      ...{ type: 'snapshot', registrations: [there, elsewhere], backends: [backend] },
      ...{ frontends: [], daemons: [{} as DaemonIdentity] },
    };
    expect(filter.select(snapshot)).toMatchObject({ registrations: [there], backends: [], daemons: [] });
  });

  it('must name something', () => {
    expect(() => new EventFilter(new URLSearchParams('meta.=1'))).toThrow("'meta.' must be followed by a name");
  });
});
