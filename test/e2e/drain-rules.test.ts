/** Drains by rule, as an operator uses them: two daemons, one of which keeps the catalog in a file. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Client, type SeenEvent } from '../../src/client/index.js';
import { run } from '../helpers/cli.js';
import { type RunningDaemon, startDaemon, stopDaemons } from '../helpers/daemon.js';
import { eventually } from '../helpers/eventually.js';

const folder = mkdtempSync(join(tmpdir(), 'bender-rules-'));
const args = ['--warm-for', '0', '--catalog', join(folder, 'catalog')];
let [first, second] = [] as unknown as [RunningDaemon, RunningDaemon];
beforeAll(async () => {
  first = await startDaemon({ args });
  second = await startDaemon({ peers: [first.url], args: ['--warm-for', '0'] });
});
afterAll(async () => {
  await stopDaemons();
  rmSync(folder, { recursive: true });
});

const bender = (...words: string[]) => run(words, { server: first.url });
const at = ({ url }: RunningDaemon) => new Client({ servers: [url] });
const web = (version: string, port: number) => ({ app: 'web', version, host: '10.0.0.5', port, ttl: 600_000 });
const rule = ['--app', 'web', '--version', '2.0.0', '--rule'];

it('drains what is there and what comes, until the rule ends', async () => {
  await at(first).register(web('1.0.0', 1));
  await at(second).register(web('2.0.0', 2));
  await at(first).createBackend({ name: 'web', app: 'web', version: '1.0.0' });
  await at(first).createFrontend({ name: 'www', backend: 'web' });
  await eventually(async () => (await at(first).registrations({ app: 'web' })).length === 2);
  const seen: SeenEvent[] = [];
  const watching = new AbortController();
  await new Promise<void>((resolve) => {
    const watched = at(second).changes({ app: 'web' }, { signal: watching.signal, onSnapshot: () => resolve() });
    void (async () => {
      for await (const event of watched) seen.push(event);
    })();
  });

  expect(await bender('drain', ...rule, '--reason', 'leaks', '--author', 'jane')).toMatchObject({
    stdout: 'rule web@2.0.0 drains all of web@2.0.0',
    exitCode: 0,
  });
  // The other daemon knows when it is answered.
  expect(await at(second).registrations({ app: 'web', version: '2.0.0' })).toMatchObject([
    { draining: true, drainRule: 'web@2.0.0', drainReason: 'leaks' },
  ]);
  expect(await at(second).register(web('2.0.0', 3))).toMatchObject({ draining: true, drainRule: 'web@2.0.0' });
  expect((await bender('ls', 'rules')).stdout).toMatch(/web@2\.0\.0 +web +2\.0\.0 +jane .* leaks$/);
  expect((await bender('explain', 'web/2.0.0/10.0.0.5/3', '--frontend', 'www')).stdout).toContain(
    "the rule 'web@2.0.0' by jane drains it: leaks",
  );

  const live = await bender('drain', '--app', 'web', '--rule');
  expect(live).toMatchObject({ exitCode: 7, stdout: '' });
  expect(live.stderr).toContain("would leave nothing for backend 'web', which frontend 'www' serves");
  expect(await bender('backends', 'update', 'web', '--version', '2.0.0')).toMatchObject({ exitCode: 7 });

  const byId = await bender('undrain', 'web/2.0.0/10.0.0.5/3');
  expect(byId).toMatchObject({ exitCode: 5, stdout: '' });
  expect(byId.stderr).toContain("end it with 'bender undrain --app web --version 2.0.0 --rule'");

  await first.stop();
  await second.stop();
  first = await startDaemon({ args });
  await at(first).register(web('2.0.0', 2));
  expect((await bender('undrain', ...rule)).stdout).toBe('ended rule web@2.0.0');
  expect(await at(first).registrations({ app: 'web' })).toMatchObject([{ draining: false }]);
  expect(await bender('undrain', ...rule)).toMatchObject({ exitCode: 4 });

  watching.abort();
  const told = seen.map((event) =>
    'registration' in event ? `${event.type} ${event.registration.port} ${event.registration.draining}` : event.type,
  );
  expect(told.slice(0, 3)).toEqual(['drain-rule-created', 'updated 2 true', 'online 3 true']);
});

it('are ended with the drains of the instances by undrain --app, which says what takes part again', async () => {
  const shop = (port: number) => ({ app: 'shop', version: '1.0.0', host: '10.0.0.5', port, ttl: 600_000 });
  for (const port of [1, 2]) await at(first).register(shop(port));
  await bender('drain', '--app', 'shop', '--rule', '--force');
  expect((await bender('undrain', '--app', 'shop')).stdout.split('\n')).toEqual([
    'ended rule shop',
    'undrained shop/1.0.0/10.0.0.5/1',
    'undrained shop/1.0.0/10.0.0.5/2',
  ]);
  expect(await at(first).registrations({ app: 'shop' })).toMatchObject([{ draining: false }, { draining: false }]);
});

it('are rolled back by --rule, or by an edit, where a backend has the same name', async () => {
  await at(first).register({ app: 'api', version: '1.0.0', host: '10.0.0.5', port: 1, ttl: 600_000 });
  await at(first).createBackend({ name: 'api', app: 'api', version: '1.0.0' });
  await bender('drain', '--app', 'api', '--rule', '--reason', 'slow');
  await bender('drain', '--app', 'api', '--rule', '--reason', 'leaks');
  const [, created] = await at(first).history({ drainRule: 'api' });
  expect((await bender('rollback', 'api')).exitCode).toBe(4);
  expect(await bender('rollback', 'api', '--rule')).toMatchObject({
    stdout: 'api: api (leaks) -> api (slow)',
    exitCode: 0,
  });
  await bender('undrain', '--app', 'api', '--rule');
  expect((await bender('rollback', 'api', '--to', created!.id.slice(0, 12))).stdout).toBe('api: removed -> api (slow)');
  expect((await bender('rollback', 'shop', '--to', created!.id)).exitCode).toBe(4);
  const nothing = await bender('rollback', 'nosuch', '--rule');
  expect([nothing.exitCode, nothing.stderr]).toEqual([4, "Error: drain rule 'nosuch' does not exist"]);
});
