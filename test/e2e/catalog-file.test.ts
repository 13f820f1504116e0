import { afterAll, afterEach, beforeEach, expect, it } from '@jest/globals';
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '../../src/client/client.js';
import { linesOf, run, runJson } from '../helpers/cli.js';
import { startDaemon, stopDaemons } from '../helpers/daemon.js';
import { eventually } from '../helpers/eventually.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bender-'));
});
afterEach(() => rm(folder, { recursive: true }));
afterAll(stopDaemons);

const serve = (...args: string[]) => startDaemon({ args: ['--warm-for', '0s', ...args] });

it('keeps the catalog when the only daemon is killed, stopped, and started again', async () => {
  const file = join(folder, 'catalog.bin');
  const first = await serve('--catalog', file);
  const client = new Client({ servers: [first.url], author: 'ann' });
  await client.createBackend({ name: 'web', app: 'web', version: '1.0.0' });
  // Acknowledged first, and in the file a moment later.
  await eventually(async () => {
    const other = await serve('--catalog', await copyOf(file));
    const backends = await new Client({ servers: [other.url] }).backends();
    await other.kill();
    return backends.length === 1;
  });
  await first.kill();

  const second = await serve('--catalog', file);
  await new Client({ servers: [second.url] }).updateBackend('web', { version: '2.0.0' }, { atLeast: 0 });
  await second.stop();

  const third = await serve('--catalog', file);
  const again = new Client({ servers: [third.url] });
  expect(await again.backends()).toEqual([{ resource: 'Backend', name: 'web', app: 'web', version: '2.0.0' }]);
  expect((await again.history()).map(({ author }) => author)).toEqual(['127.0.0.1', 'ann']);
  await third.stop();
});

const copyOf = async (file: string): Promise<string> => {
  const copy = join(folder, 'copy.bin');
  await copyFile(file, copy);
  return copy;
};

it('says what is lost when the last daemon stops without a file, and nothing when others stay', async () => {
  const one = await serve();
  const other = await startDaemon({ peers: [one.url], args: ['--warm-for', '0s'] });
  const [oneSaid, otherSaid] = [linesOf(one.process.stderr), linesOf(other.process.stderr)];
  await new Client({ servers: [one.url] }).createBackend({ name: 'web', app: 'web', version: '1' });
  await eventually(async () => (await new Client({ servers: [other.url] }).backends()).length === 1);
  await other.stop();
  expect(otherSaid.some((line) => line.includes('last daemon'))).toBe(false);
  await eventually(async () => (await new Client({ servers: [one.url] }).status()).counts.daemons === 1);
  await one.stop();
  expect(oneSaid.some((line) => line.includes('this is the last daemon') && line.includes('--catalog'))).toBe(true);
});

it('applies what was exported to another cluster, edit by edit, and only what is different', async () => {
  const [from, to] = [await serve(), await serve()];
  const source = new Client({ servers: [from.url] });
  await source.createBackend({ name: 'web', app: 'web', version: '1.10' });
  await source.createBackend({ name: 'api', app: 'api', split: { '1.0.0': 90, '2.0.0': 10 } });
  await source.createFrontend({ name: 'www', backend: 'web' });
  const { stdout } = await run(['export'], { server: from.url });
  const file = join(folder, 'catalog.yaml');
  await writeFile(file, stdout);

  const apply = (...args: string[]) => run(['apply', '-f', file, '--author', 'ci', ...args], { server: to.url });
  const diff = '+ backend api: api@1.0.0=90,2.0.0=10\n+ backend web: web@1.10\n+ frontend www: web';
  expect(await apply('--dry-run')).toMatchObject({ stdout: diff, exitCode: 0 });
  const target = new Client({ servers: [to.url] });
  expect(await target.history()).toEqual([]);
  expect(await apply()).toMatchObject({ stdout: diff, exitCode: 0 });
  expect(await apply()).toMatchObject({ stdout: '', stderr: 'Nothing to change.', exitCode: 0 });
  expect((await target.history()).map(({ author, name }) => [author, name])).toEqual([
    ['ci', 'www'],
    ['ci', 'web'],
    ['ci', 'api'],
  ]);
  expect(await runJson(['export'], { server: to.url })).toEqual(await runJson(['export'], { server: from.url }));

  await target.createBackend({ name: 'old', app: 'old', version: '1' });
  expect(await apply('--prune')).toMatchObject({ stdout: '- backend old: old@1' });
});

it('points no backend at nothing, and says what it had done by then', async () => {
  const { url } = await serve();
  const client = new Client({ servers: [url] });
  await client.createBackend({ name: 'web', app: 'web', version: '1' });
  const file = join(folder, 'catalog.yaml');
  await writeFile(file, 'backends: [{name: api, app: api, version: 1}, {name: web, app: web, version: 2}]');
  const refused = await run(['apply', '-f', file], { server: url });
  expect(refused).toMatchObject({ stdout: '+ backend api: api@1', exitCode: 7 });
  await client.deleteBackend('api');
  const { stdout } = await run(['apply', '-f', file, '--json'], { server: url });
  expect(JSON.parse(stdout)).toMatchObject({
    error: { code: 'TOO_FEW_ONLINE' },
    done: [{ action: 'create', kind: 'backend', name: 'api' }],
  });
  expect((await client.backend('web')).version).toBe('1');
  expect(await run(['apply', '-f', file, '--force'], { server: url })).toMatchObject({
    stdout: '~ backend web: web@1 -> web@2',
    exitCode: 0,
  });
});
