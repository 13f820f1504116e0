import { expect, it, jest } from '@jest/globals';
import { getEventListeners } from 'node:events';
import type { Client } from '../../../src/client/client.js';
import { waitFor } from '../../../src/client/wait-for.js';
import type { BenderEvent } from '../../../src/model/events.js';
import type { Registration } from '../../../src/model/registration.js';
import { settled } from '../../helpers/virtual-timers.js';

const registration = (id: string): Registration => ({ id }) as Registration;
const snapshot = (...ids: string[]): BenderEvent => ({
  ...{ type: 'snapshot', backends: [], frontends: [], daemons: [], at: 0 },
  registrations: ids.map(registration),
});

/** A client that sees these events, and then nothing more. */
const seeing = (...events: BenderEvent[]): Pick<Client, 'events'> => ({
  async *events(_, { signal, trusted, persistent } = {}) {
    expect([trusted, persistent]).toEqual([true, true]);
    for (const event of events) yield { id: '', event, server: 'http://d' };
    await new Promise<void>((resolve) => signal!.addEventListener('abort', () => resolve()));
  },
});
const atLeast = (count: number) => (all: Registration[]) => all.length >= count;

it('settles as soon as the condition holds', async () => {
  const client = seeing(
    { type: 'condition', at: 0 },
    snapshot('a'),
    { type: 'online', registration: registration('b'), at: 0 },
    { type: 'online', registration: registration('c'), at: 0 },
  );
  const seen: number[] = [];
  const onProgress = (all: Registration[]) => void seen.push(all.length);
  const found = await waitFor(client, {}, atLeast(2), { timeoutMs: 5000, onProgress });
  expect(found.map(({ id }) => id)).toEqual(['a', 'b']);
  expect(seen).toEqual([1]);
});

it('ends with its signal, by the reason of that, and keeps no listener', async () => {
  const stop = new AbortController();
  const waiting = waitFor(seeing(snapshot('a')), {}, atLeast(2), { timeoutMs: 60_000, signal: stop.signal });
  await settled();
  stop.abort(new Error('enough'));
  await expect(waiting).rejects.toThrow('enough');
  await expect(waitFor(seeing(), {}, atLeast(1), { timeoutMs: 60_000, signal: stop.signal })).rejects.toThrow('enough');
  const { signal } = new AbortController();
  await waitFor(seeing(snapshot('a')), {}, atLeast(1), { timeoutMs: 60_000, signal });
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

it('says nothing of an absence before there is a picture', async () => {
  const none = (all: Registration[]) => all.length === 0;
  const silent = waitFor(seeing({ type: 'condition', at: 0 }), {}, none, { timeoutMs: 50 });
  await expect(silent).rejects.toMatchObject({ code: 'UNREACHABLE' });
  await expect(waitFor(seeing(snapshot()), {}, none, { timeoutMs: 5000 })).resolves.toEqual([]);
});

it('looks once without a time, and knows what it has seen', async () => {
  const seen: number[] = [];
  const onProgress = (all: Registration[]) => void seen.push(all.length);
  const once = { timeoutMs: 0, onProgress };
  await expect(
    waitFor(
      seeing(snapshot('a'), { type: 'online', registration: registration('b'), at: 0 }),
      ...[{}, atLeast(2), once],
    ),
  ).rejects.toMatchObject({ code: 'TIMED_OUT' });
  expect(seen).toEqual([1]);
  await expect(waitFor(seeing(snapshot('a')), {}, atLeast(1), once)).resolves.toHaveLength(1);
});

it('gives up after its time', async () => {
  await expect(waitFor(seeing(snapshot('a')), {}, atLeast(2), { timeoutMs: 50 })).rejects.toMatchObject({
    code: 'TIMED_OUT',
  });
});

it('goes on if onProgress throws', async () => {
  const warned = jest.spyOn(process, 'emitWarning').mockReturnValue(undefined);
  const client = seeing(snapshot('a'), { type: 'online', registration: registration('b'), at: 0 });
  const onProgress = (): never => {
    throw new Error('a fault of the program');
  };
  await expect(waitFor(client, {}, atLeast(2), { timeoutMs: 5000, onProgress })).resolves.toHaveLength(2);
  expect(warned).toHaveBeenCalledWith(new Error('a fault of the program'));
  warned.mockRestore();
});
