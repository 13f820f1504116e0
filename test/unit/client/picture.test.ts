import { expect, it, jest } from '@jest/globals';
import { changesIn } from '../../../src/client/changes.js';
import type { EventFilter, WatchedEvent } from '../../../src/client/events.js';
import type { SeenEvent } from '../../../src/client/picture.js';
import { Picture } from '../../../src/client/picture.js';
import type { Backend } from '../../../src/model/catalog.js';
import type { BenderEvent, Snapshot } from '../../../src/model/events.js';
import type { Registration, RegistrationId } from '../../../src/model/registration.js';

const registration = (id: string, meta = {}): Registration => ({
  ...{
    resource: 'Registration',
    app: 'web',
    version: '1',
    host: 'h',
    port: 1,
    ttl: 4000,
    draining: false,
    registered: 0,
  },
  ...{ id: id as RegistrationId, meta },
});
const backend = (name: string, version = '1'): Backend => ({
  resource: 'Backend',
  name,
  app: 'web',
  version,
});
const snapshot = (parts: Partial<Snapshot>): BenderEvent => ({
  ...{ type: 'snapshot', registrations: [], backends: [], frontends: [], daemons: [], at: 7 },
  ...parts,
});
const brief = (events: SeenEvent[]): string[] =>
  events.map(
    (event) =>
      `${event.type} ${'registration' in event ? event.registration.id : 'backend' in event ? event.backend.name : ''}`,
  );

it('takes the first snapshot for no change at all', () => {
  const picture = new Picture();
  expect(picture.apply(snapshot({ registrations: [registration('a')] }))).toEqual([]);
  expect(picture.registrations).toHaveLength(1);
});

it('passes changes on as they are', () => {
  const event: BenderEvent = { type: 'offline', registration: registration('a'), reason: 'expired', at: 3 };
  expect(new Picture().apply(event)).toEqual([event]);
});

it('says of a later snapshot what must have changed', () => {
  const picture = new Picture();
  picture.apply(
    snapshot({
      registrations: ['same', 'gone', 'changed'].map((id) => registration(id)),
      backends: [backend('b')],
    }),
  );
  picture.apply({ type: 'online', registration: registration('late'), at: 1 });
  const changes = picture.apply(
    snapshot({
      registrations: [
        registration('same'),
        registration('changed', { a: 1 }),
        registration('late'),
        registration('new'),
      ],
      backends: [backend('b', '2')],
    }),
  );
  expect(brief(changes)).toEqual(['backend-updated b', 'offline gone', 'updated changed', 'online new']);
  expect(changes[1]).toMatchObject({ reason: 'missed', at: 7 });
  expect(changes[2]).toMatchObject({ previous: { meta: {} } });
});

it('says nothing of a snapshot that holds no news', () => {
  const picture = new Picture();
  const same = snapshot({ registrations: [registration('a')], backends: [backend('b')] });
  picture.apply(same);
  expect(picture.apply(same)).toEqual([]);
});

it('sees a daemon that was restarted as another one', () => {
  const run = (runId: string) => [{ name: 'd', url: 'http://d', generation: 1, runId, version: '1' }];
  const picture = new Picture();
  picture.apply(snapshot({ daemons: run('x') }));
  expect(picture.apply(snapshot({ daemons: run('y') })).map(({ type }) => type)).toEqual([
    'daemon-offline',
    'daemon-online',
  ]);
});

it('keeps the picture whole where only some types are asked for', async () => {
  const asked: EventFilter[] = [];
  async function* watch(filter: EventFilter): AsyncGenerator<WatchedEvent> {
    asked.push(filter);
    const events: BenderEvent[] = [
      snapshot({}),
      { type: 'online', registration: registration('a'), at: 1 },
      { type: 'updated', registration: registration('a', { a: 1 }), previous: { meta: {} }, at: 2 },
      { type: 'condition', stale: true, at: 3 },
      snapshot({}),
    ];
    for (const event of events) yield { id: '', event, server: 'http://d' };
  }
  const taken: boolean[] = [];
  const conditions: unknown[] = [];
  const seen: SeenEvent[] = [];
  for await (const change of changesIn(
    watch,
    { app: 'web', types: ['offline'] },
    {
      onSnapshot: ({ isFirst }) => taken.push(isFirst),
      onCondition: ({ stale }, server) => conditions.push([stale, server]),
    },
  ))
    seen.push(change);
  expect(asked).toEqual([{ app: 'web', types: ['online', 'offline', 'updated'] }]);
  expect(brief(seen)).toEqual(['offline a']);
  expect(taken).toEqual([true, false]);
  expect(conditions).toEqual([[true, 'http://d']]);
});

it('tells what is there already as changes, if that is wanted, and marks it', () => {
  const picture = new Picture(true);
  const first = picture.apply(snapshot({ registrations: [registration('a')], backends: [backend('b')] }));
  expect(brief(first)).toEqual(['backend-created b', 'online a']);
  expect(first).toMatchObject([
    { at: 7, initial: true },
    { at: 7, initial: true },
  ]);
  const later = picture.apply(snapshot({ registrations: [registration('a'), registration('c')] }));
  expect(brief(later)).toEqual(['backend-deleted b', 'online c']);
  expect(later.some(({ initial }) => initial)).toBe(false);
});

it('goes on with the changes if a callback throws', async () => {
  const warned = jest.spyOn(process, 'emitWarning').mockReturnValue(undefined);
  async function* watch(): AsyncGenerator<WatchedEvent> {
    const events: BenderEvent[] = [
      snapshot({}),
      { type: 'condition', at: 1 },
      { type: 'online', registration: registration('a'), at: 2 },
    ];
    for (const event of events) yield { id: '', event, server: 'http://d' };
  }
  const fails = (): never => {
    throw new Error('a fault of the program');
  };
  const seen: SeenEvent[] = [];
  for await (const change of changesIn(watch, { types: ['online'] }, { onSnapshot: fails, onCondition: fails }))
    seen.push(change);
  expect(brief(seen)).toEqual(['online a']);
  expect(warned).toHaveBeenCalledTimes(2);
  warned.mockRestore();
});
