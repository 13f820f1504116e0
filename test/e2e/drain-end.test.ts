import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Client } from '../../src/client/index.js';
import type { Registration } from '../../src/model/registration.js';
import { run, runJson } from '../helpers/cli.js';
import { type RunningDaemon, startDaemon, stopDaemons } from '../helpers/daemon.js';
import { eventually } from '../helpers/eventually.js';

const id = 'web/1.0.0/10.0.0.1/80';
let daemons: RunningDaemon[] = [];

beforeAll(async () => {
  const first = await startDaemon({ args: ['--name', 'a'] });
  const others = await Promise.all(
    ['b', 'c'].map((name) => startDaemon({ peers: [first.url], args: ['--name', name] })),
  );
  daemons = [first, ...others];
});
afterAll(stopDaemons);

const shownAt = async ({ url }: RunningDaemon): Promise<Registration | undefined> =>
  (await new Client({ servers: [url] }).registrations({ app: 'web' }))[0];

it('a drain ends by itself on all daemons, once, although its holder was killed', async () => {
  const [a, b, c] = daemons as [RunningDaemon, RunningDaemon, RunningDaemon];
  const server = b.url;
  await runJson(
    ['register', '--app', 'web', '--version', '1.0.0', '--host', '10.0.0.1', '--port', '80', '--ttl', '1m'],
    {
      server: a.url,
    },
  );
  await eventually(async () => (await Promise.all(daemons.map(shownAt))).every((one) => one !== undefined));
  const begun = Date.now();
  const { stdout } = await run(['drain', id, '--reason', 'disk', '--for', '3s'], { server });
  expect(stdout).toMatch(/^draining web\/1\.0\.0\/10\.0\.0\.1\/80 until \d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
  await a.kill();
  for (const daemon of [b, c]) expect(await shownAt(daemon)).toMatchObject({ draining: true, drainReason: 'disk' });
  const watching = new AbortController();
  const ends: string[] = [];
  for await (const { event } of new Client({ servers: [c.url] }).events({ app: 'web' }, { signal: watching.signal })) {
    if (event.type !== 'updated') continue;
    ends.push(`${event.registration.draining} ${event.reason}`);
    watching.abort();
  }
  expect(ends).toEqual(['false its time was over']);
  expect(Date.now() - begun).toBeGreaterThanOrEqual(3000);
  await eventually(async () => (await shownAt(b))?.draining === false);
  expect((await run(['ls', '--app', 'web'], { server: c.url })).stdout).toMatch(/10\.0\.0\.1:80 +online/);
});
