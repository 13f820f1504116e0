import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { serviceManager } from '../../../src/cli/systemd.js';

let sent: string[][];
const send = async (args: readonly string[]): Promise<void> => void sent.push([...args]);

beforeEach(() => {
  sent = [];
  jest.useFakeTimers();
});
afterEach(() => void jest.useRealTimers());

const unit = { NOTIFY_SOCKET: '/run/notify' };

it('tells nobody without a service manager', async () => {
  for (const environment of [{}, { NOTIFY_SOCKET: '' }]) {
    const systemd = serviceManager({ environment, send });
    systemd.ready('here');
    systemd.around(async () => {})();
    void systemd.stopping();
    expect(systemd.isThere).toBe(false);
  }
  await jest.advanceTimersByTimeAsync(60_000);
  expect(sent).toEqual([]);
});

it('says that it serves, reloads, and stops, in this order', async () => {
  const systemd = serviceManager({ environment: unit, send });
  const [reload, slow] = [0, 1000].map((ms) => jest.fn(() => new Promise<void>((done) => void setTimeout(done, ms))));
  systemd.ready('listening');
  systemd.around(reload!)();
  systemd.around(slow!)();
  await jest.advanceTimersByTimeAsync(999);
  expect(sent.at(-1)![0]).toBe('RELOADING=1');
  await jest.advanceTimersByTimeAsync(1);
  void systemd.stopping();
  await jest.advanceTimersByTimeAsync(60_000);
  expect(sent).toEqual([
    ['READY=1', 'STATUS=listening'],
    ['RELOADING=1', expect.stringMatching(/^MONOTONIC_USEC=\d+$/)],
    ['RELOADING=1', expect.stringMatching(/^MONOTONIC_USEC=\d+$/)],
    ['READY=1'],
    ['STOPPING=1'],
  ]);
  expect(reload).toHaveBeenCalledTimes(1);
});

it.each([
  ['that it is well at half of the time that it has, once it serves', {}, 2],
  ['so if it is the process that is meant', { WATCHDOG_PID: String(process.pid) }, 2],
  ['nothing if another process is meant', { WATCHDOG_PID: '1' }, 0],
  ['nothing for a time that is none', { WATCHDOG_USEC: 'x' }, 0],
])('says %s', async (_, more, times) => {
  const systemd = serviceManager({ environment: { ...unit, WATCHDOG_USEC: '30000000', ...more }, send });
  await jest.advanceTimersByTimeAsync(60_000);
  systemd.ready('listening');
  await jest.advanceTimersByTimeAsync(30_001);
  expect(sent.slice(1)).toEqual(Array.from({ length: times }, () => ['WATCHDOG=1']));
});

it('tells of a failure once, and goes on', async () => {
  const onFailure = jest.fn();
  let failures = 0;
  const systemd = serviceManager({
    environment: unit,
    send: async (args) => {
      if (failures++ < 2) throw new Error('ENOENT');
      await send(args);
    },
    onFailure,
  });
  for (let i = 0; i < 3; i++) void systemd.stopping();
  await jest.advanceTimersByTimeAsync(1);
  expect(onFailure.mock.calls).toEqual([['ENOENT']]);
  expect(sent).toEqual([['STOPPING=1']]);
});
