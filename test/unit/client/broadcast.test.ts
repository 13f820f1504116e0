import { expect, it } from '@jest/globals';
import { getEventListeners } from 'node:events';
import { Broadcast, mostWaiting } from '../../../src/client/broadcast.js';

interface Value {
  n: number;
  dropped?: number;
}

const setUp = () => new Broadcast<Value>({ n: 0 });

async function all(values: AsyncIterable<Value>): Promise<Value[]> {
  const read: Value[] = [];
  for await (const value of values) read.push(value);
  return read;
}

it('begins with the latest value, and ends with the broadcast', async () => {
  const broadcast = setUp();
  broadcast.send({ n: 1 });
  const read = all(broadcast.values());
  broadcast.send({ n: 2 });
  broadcast.end({ n: 3 });
  broadcast.send({ n: 4 });
  await expect(read).resolves.toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
});

it('gives every consumer every value, each at its own pace', async () => {
  const broadcast = setUp();
  const slow = broadcast.values();
  const fast = broadcast.values();
  await fast.next();
  const waiting = fast.next();
  broadcast.send({ n: 1 });
  await expect(waiting).resolves.toEqual({ done: false, value: { n: 1 } });
  broadcast.end({ n: 2 });
  await expect(all(slow)).resolves.toEqual([{ n: 0 }, { n: 1 }, { n: 2 }]);
});

it('gives a consumer that comes after the end the last value', async () => {
  const broadcast = setUp();
  broadcast.end({ n: 1 });
  await expect(all(broadcast.values())).resolves.toEqual([{ n: 1 }]);
});

it('drops the oldest values of a consumer that does not read, says how many, and keeps the latest', async () => {
  const broadcast = setUp();
  const values = broadcast.values();
  for (let n = 1; n <= mostWaiting + 2; n++) broadcast.send({ n });
  await expect(values.next()).resolves.toEqual({ done: false, value: { n: 3, dropped: 3 } });
  await expect(values.next()).resolves.toEqual({ done: false, value: { n: 4 } });
  broadcast.end({ n: -1 });
  expect((await all(values)).at(-1)).toEqual({ n: -1 });
});

it.each(['return', 'abort'] as const)('forgets a consumer after its %s, also one that waits', async (how) => {
  const broadcast = setUp();
  const stop = new AbortController();
  const values = broadcast.values(stop.signal);
  await values.next();
  const waiting = values.next();
  expect(broadcast.isRead).toBe(true);
  if (how === 'return') await values.return!();
  else stop.abort();
  await expect(waiting).resolves.toEqual({ done: true, value: undefined });
  expect(broadcast.isRead).toBe(false);
  broadcast.send({ n: 1 });
  await expect(values.next()).resolves.toEqual({ done: true, value: undefined });
});

it('gives nothing to a consumer whose signal has aborted before', async () => {
  await expect(all(setUp().values(AbortSignal.abort()))).resolves.toEqual([]);
});

it('leaves nothing at the signal of a consumer that has left', async () => {
  const broadcast = setUp();
  const { signal } = new AbortController();
  await broadcast.values(signal).return?.();
  const staying = broadcast.values(signal);
  expect(getEventListeners(signal, 'abort').length).toBe(1);
  broadcast.end({ n: 1 });
  await expect(all(staying)).resolves.toEqual([{ n: 0 }, { n: 1 }]);
  expect(getEventListeners(signal, 'abort').length).toBe(0);
});
