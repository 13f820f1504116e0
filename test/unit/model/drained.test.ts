import { expect, it } from '@jest/globals';
import { drainedMatcher, type SetState, withUndrained } from '../../../src/model/drained.js';
import { NotFoundError, TooFewOnlineError } from '../../../src/model/errors.js';
import { formatId, type Registration } from '../../../src/model/registration.js';

const drained = (port: number, drainReason = 'deploy web: web@1 -> web@2'): Registration => {
  const address = { app: 'web', version: '1', host: '10.0.0.1', port };
  return {
    ...{ resource: 'Registration', id: formatId(address), ...address, ttl: 4000, meta: {}, registered: 1 },
    ...{ draining: true, drainReason },
  };
};

/** Instances by port; a request for `failing` throws. */
function cluster(failing: Partial<Record<number, Error>> = {}) {
  const draining = new Map<number, string | undefined>();
  const setState: SetState = ({ port }, state) => {
    if (failing[port]) return Promise.reject(failing[port]);
    draining.set(port, state.draining ? state.reason : undefined);
    return Promise.resolve();
  };
  return { draining, setState };
}

const refused = new TooFewOnlineError('0 of web@1 online');

it('knows those that a deployment of the backend has drained', () => {
  const matches = drainedMatcher('web', { app: 'web', version: '1' });
  expect(matches(drained(1))).toBe(true);
  expect(matches(drained(1, 'kernel update'))).toBe(false);
  expect(matches(drained(1, 'deploy web-2: web@1 -> web@2'))).toBe(false);
  expect(matches({ ...drained(1), draining: false })).toBe(false);
  expect(matches({ ...drained(1), version: '2' })).toBe(false);
});

it('undrains, then switches back', async () => {
  const { draining, setState } = cluster();
  const done = await withUndrained([drained(1), drained(2)], setState, () => Promise.resolve([...draining]));
  expect(done).toEqual([
    [1, undefined],
    [2, undefined],
  ]);
});

it('skips an instance that has just ended', async () => {
  const { draining, setState } = cluster({ 1: new NotFoundError('it is not online') });
  await withUndrained([drained(1), drained(2)], setState, () => Promise.resolve());
  expect([...draining]).toEqual([[2, undefined]]);
});

it('drains them again with their reason if the daemon refuses to switch back', async () => {
  const { draining, setState } = cluster({ 1: new NotFoundError('it is not online') });
  const done = withUndrained([drained(1), drained(2)], setState, () => Promise.reject(refused));
  await expect(done).rejects.toBe(refused);
  expect([...draining]).toEqual([[2, 'deploy web: web@1 -> web@2']]);
});

it('drains the first again if the second cannot be undrained', async () => {
  const failed = new Error('the daemon cannot be reached');
  const { draining, setState } = cluster({ 2: failed });
  const done = withUndrained([drained(1), drained(2), drained(3)], setState, () => Promise.resolve());
  await expect(done).rejects.toBe(failed);
  expect([...draining]).toEqual([[1, 'deploy web: web@1 -> web@2']]);
});
