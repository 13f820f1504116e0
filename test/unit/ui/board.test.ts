import { beforeEach, describe, expect, it } from '@jest/globals';
import type { BenderEvent, Snapshot } from '../../../src/model/events.js';
import { formatId, type Registration } from '../../../src/model/registration.js';
import { Board, nothingTouched, type Touched } from '../../../src/ui/state/board.js';
import { Curves } from '../../../src/ui/state/curves.js';
import { served } from '../../../src/ui/state/served.js';

const instance = (version: string, port: number, more: Partial<Registration> = {}): Registration => {
  const address = { app: 'web', version, host: '10.0.0.1', port };
  return {
    ...{ resource: 'Registration', id: formatId(address), ...address, ttl: 4000, meta: {}, draining: false },
    registered: 1,
    ...more,
  };
};

const snapshot = (of: Partial<Omit<Snapshot, 'type'>>): BenderEvent => ({
  ...{ type: 'snapshot', registrations: [], backends: [], frontends: [], daemons: [], at: 1 },
  ...of,
});

let board: Board;
let touched: Touched;
const take = (...events: BenderEvent[]) => events.flatMap((event) => board.take(event, touched));
const counts = (key: string) => {
  const group = board.groups.get(key);
  return group && [group.online.size, group.draining, group.unhealthy.size];
};

beforeEach(() => {
  board = new Board();
  touched = nothingTouched();
});

describe('the counts of a version', () => {
  it('follow instances that come, drain, become unhealthy and go', () => {
    const [one, two] = [instance('1.0.0', 1), instance('1.0.0', 2)];
    take(snapshot({ registrations: [one] }), { type: 'online', registration: two, at: 2 });
    expect(counts('web/1.0.0')).toEqual([2, 0, 0]);
    const drained = { ...one, draining: true };
    take({ type: 'updated', registration: drained, previous: { draining: false }, at: 3 });
    expect(counts('web/1.0.0')).toEqual([2, 1, 0]);
    take({ type: 'offline', registration: two, reason: 'unhealthy', detail: '503', at: 4 });
    expect(counts('web/1.0.0')).toEqual([1, 1, 1]);
    expect(board.find(two.id)).toMatchObject({ state: 'unhealthy', registration: { unhealthy: '503' } });
    take({ type: 'online', registration: two, at: 5 });
    expect(counts('web/1.0.0')).toEqual([2, 1, 0]);
    take({ type: 'offline', registration: drained, reason: 'expired', at: 6 });
    expect(counts('web/1.0.0')).toEqual([1, 0, 0]);
    expect(board.total).toBe(1);
    take({ type: 'offline', registration: two, reason: 'deregistered', at: 7 });
    expect(counts('web/1.0.0')).toBeUndefined();
    expect(board.total).toBe(0);
  });

  it('are those of a later snapshot, whatever was missed', () => {
    take(snapshot({ registrations: [instance('1.0.0', 1, { draining: true }), instance('1.0.0', 2)] }));
    const missed = take(snapshot({ registrations: [instance('1.0.0', 2), instance('2.0.0', 3)] }));
    expect(missed.map((event) => event.type)).toEqual(['offline', 'online']);
    expect(counts('web/1.0.0')).toEqual([1, 0, 0]);
    expect(counts('web/2.0.0')).toEqual([1, 0, 0]);
  });
});

it('says how many of a version take part if one drains, whatever it does now', () => {
  const [one, two, three] = [
    instance('1.0.0', 1),
    instance('1.0.0', 2, { draining: true }),
    instance('1.0.0', 3),
  ] as const;
  take(snapshot({ registrations: [one, two, three] }), {
    type: 'offline',
    registration: three,
    reason: 'unhealthy',
    at: 2,
  });
  const ifItDrains = (id: string) => [true, false].map((drains) => board.availableIf(id, drains));
  expect([one, two, three].map(({ id }) => ifItDrains(id))).toEqual([
    [0, 1],
    [1, 2],
    [1, 1],
  ]);
  expect(ifItDrains('web/1.0.0/10.0.0.1/4')).toEqual([0, 0]);
});

describe('a list of the unhealthy instances', () => {
  const [one, two, three] = [1, 2, 3].map((port) => instance('1.0.0', port)) as [
    Registration,
    Registration,
    Registration,
  ];
  const unhealthy = (registration: Registration, why = '503') => ({ ...registration, unhealthy: why });
  const nothing = new Map<string, Registration>();
  const falls = (registration: Registration): BenderEvent => ({
    ...{ type: 'offline', registration, reason: 'unhealthy', detail: '503', at: 2 },
  });

  it('brings those that no event has told of, and what has changed about others', () => {
    take(snapshot({ registrations: [two] }));
    board.takeUnhealthy([unhealthy(one)], nothing, touched);
    expect(counts('web/1.0.0')).toEqual([1, 0, 1]);
    board.takeUnhealthy([unhealthy(one, 'timeout')], board.unhealthy(), touched);
    expect(board.find(one.id)).toMatchObject({ state: 'unhealthy', registration: { unhealthy: 'timeout' } });
    touched = nothingTouched();
    board.takeUnhealthy([unhealthy(one, 'timeout')], board.unhealthy(), touched);
    expect(touched).toEqual(nothingTouched());
  });

  it('ends those that are not in it, with their version if nothing else is left', () => {
    take(snapshot({ registrations: [one, two] }), falls(one));
    touched = nothingTouched();
    board.takeUnhealthy([], board.unhealthy(), touched);
    expect(counts('web/1.0.0')).toEqual([1, 0, 0]);
    expect(touched).toMatchObject({ groups: new Set(['web/1.0.0']), structure: false });
    take(falls(two));
    board.takeUnhealthy([], board.unhealthy(), touched);
    expect(counts('web/1.0.0')).toBeUndefined();
    expect(touched.structure).toBe(true);
  });

  it('counts for less than what an event has said since it was asked for', () => {
    take(snapshot({ registrations: [one, two, three] }), falls(one));
    const asked = board.unhealthy();
    take({ type: 'online', registration: one, at: 3 }, falls(two));
    board.takeUnhealthy([unhealthy(one), unhealthy(three)], asked, touched);
    expect([one, two, three].map(({ id }) => board.find(id)?.state)).toEqual(['online', 'unhealthy', 'online']);
  });
});

it('says what has to be drawn again, and nothing else', () => {
  take(snapshot({ registrations: [instance('1.0.0', 1), instance('2.0.0', 2)] }));
  touched = nothingTouched();
  take({ type: 'online', registration: instance('2.0.0', 3), at: 2 });
  expect(touched).toEqual({ groups: new Set(['web/2.0.0']), structure: false, catalog: false, daemons: false });
  take({ type: 'frontend-created', frontend: { resource: 'Frontend', name: 'www' }, at: 3 });
  expect(touched).toMatchObject({ structure: true, catalog: true });
});

describe('what is served by what', () => {
  const web = { resource: 'Backend', name: 'web', app: 'web', version: '^1.0.0' } as const;
  const www = { resource: 'Frontend', name: 'www', backend: 'web' } as const;

  it('shows which version is live, and which is registered and serves nothing', () => {
    const registrations = [instance('1.0.0', 1), instance('1.1.0', 2), instance('2.0.0', 3)];
    const other = {
      ...instance('1.0.0', 4),
      app: 'worker',
      id: formatId({ app: 'worker', version: '1', host: 'h', port: 4 }),
    };
    const idle = { resource: 'Frontend', name: 'admin', backend: 'gone' } as const;
    take(snapshot({ registrations: [...registrations, other], backends: [web], frontends: [www, idle] }));
    const { backends, idle: without, unserved } = served(board);
    expect(backends.map(({ backend, frontends }) => [backend.name, frontends.map(({ name }) => name)])).toEqual([
      ['web', ['www']],
    ]);
    expect(backends[0]!.versions.map(({ version, isLive }) => [version, isLive])).toEqual([
      ['1.1.0', true],
      ['1.0.0', true],
      ['2.0.0', false],
    ]);
    expect(without).toEqual([idle]);
    expect(unserved.map(({ key }) => key)).toEqual(['worker/1.0.0']);
  });

  it('shows a version of which nothing is online, and the weights of a split', () => {
    take(snapshot({ backends: [{ ...web, version: '3.0.0' }] }));
    expect(served(board).backends[0]!.versions).toEqual([
      { version: '3.0.0', group: undefined, isLive: true, weight: undefined },
    ]);
    const split = { resource: 'Backend', name: 'web', app: 'web', split: { '1.0.0': 90, '2.0.0': 0 } } as const;
    take({ type: 'backend-updated', backend: split, at: 2 });
    expect(served(board).backends[0]!.versions.map(({ version, isLive, weight }) => [version, isLive, weight])).toEqual(
      [
        ['2.0.0', false, 0],
        ['1.0.0', true, 90],
      ],
    );
  });
});

it('draws one curve that falls and one that rises', () => {
  const curves = new Curves(board);
  const at = (second: number, ...events: BenderEvent[]): void => {
    touched = nothingTouched();
    take(...events);
    curves.note(touched.groups, second);
  };
  at(10, snapshot({ registrations: [instance('1.0.0', 1), instance('1.0.0', 2)] }));
  at(20, { type: 'online', registration: instance('2.0.0', 3), at: 20 });
  at(30, { type: 'offline', registration: instance('1.0.0', 1), reason: 'deregistered', at: 30 });
  at(40, { type: 'offline', registration: instance('1.0.0', 2), reason: 'deregistered', at: 40 });
  expect(curves.of('web', 50)).toEqual({
    versions: ['1.0.0', '2.0.0'],
    times: [10, 20, 30, 40, 50],
    counts: [
      [2, 2, 1, 0, 0],
      [0, 1, 1, 1, 1],
    ],
  });
  // Half an hour later, the version that has ended is no longer of interest.
  expect(curves.of('web', 40 + 1801)).toEqual({ versions: ['2.0.0'], times: [41, 1841], counts: [[1, 1]] });
});
