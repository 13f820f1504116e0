import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from '../../src/client/client.js';
import type { Edit } from '../../src/model/history.js';
import { linesOf, run, runJson, start } from '../helpers/cli.js';
import { startDaemon, stopDaemons } from '../helpers/daemon.js';
import { eventually } from '../helpers/eventually.js';

let server: string;
let client: Client;
beforeAll(async () => {
  server = (await startDaemon({ args: ['--warm-for', '0s'] })).url;
  client = new Client({ servers: [server], author: 'test' });
});
afterAll(stopDaemons);

const bender = (...args: string[]) => run(args, { server });
const json = <T>(...args: string[]) => runJson<T>(args, { server });
const instance = (app: string, version: string, port: number) => ({
  ...{ app, version, host: 'h', port, ttl: 600_000 },
});

describe('bender deploy', () => {
  beforeAll(async () => {
    await client.register(instance('shop', '1.0.0', 1));
    await client.createBackend({ name: 'shop', app: 'shop', version: '1.0.0' });
  });
  const version = async () => (await client.backend('shop')).version;

  it('changes nothing where the version does not come up in time, and says so with exit code 6', async () => {
    await client.register(instance('shop', '2.0.0', 2));
    const args = ['deploy', 'shop', '--version', '2.0.0', '--wait', '2', '--timeout', '500ms'];
    const missed = await bender(...args);
    expect(missed).toEqual({
      stdout: '',
      stderr: `1 of shop@2.0.0 online, waiting for 2
Error: after 500ms 1 of shop@2.0.0 online, not 2: 'shop' stays as it is`,
      exitCode: 6,
    });
    const asJson = await bender(...args, '--json');
    expect(asJson).toMatchObject({ stderr: '', exitCode: 6 });
    expect(JSON.parse(asJson.stdout)).toMatchObject({ error: { code: 'TIMED_OUT' } });
    expect(await version()).toBe('1.0.0');
  });

  it('waits until enough are online, switches, drains the old version and waits for it to be gone', async () => {
    const args = ['deploy', 'shop', '--version', '2.0.0', '--wait', '2', '--stable-for', '0', '--drain', '1m'];
    const child = start(args, { server });
    const [lines, notices] = [linesOf(child.stdout), linesOf(child.stderr)];
    await eventually(() => notices.includes('1 of shop@2.0.0 online, waiting for 2'));
    expect(await version()).toBe('1.0.0');
    await client.register(instance('shop', '2.0.0', 3));
    await eventually(() => lines.includes('shop: shop@1.0.0 -> shop@2.0.0'));
    expect(await version()).toBe('2.0.0');
    await eventually(() => notices.includes('1 of shop@1.0.0 still online: h:1'));
    expect(await client.registrations({ app: 'shop', version: '1.0.0' })).toMatchObject([
      { draining: true, drainReason: 'deploy shop: shop@1.0.0 -> shop@2.0.0' },
    ]);
    await client.deregister(instance('shop', '1.0.0', 1));
    expect((await child).exitCode).toBe(0);
    expect(notices.every((line) => !line.includes('\u001b'))).toBe(true);
  });

  it('is done at once where there is nothing to do', async () => {
    expect(await bender('deploy', 'shop', '--version', '2.0.0')).toMatchObject({
      stdout: 'shop: shop@2.0.0 already',
      exitCode: 0,
    });
  });

  it('ends with exit code 6 if something of the old version is left', async () => {
    await client.register(instance('shop', '3.0.0', 4));
    const args = ['deploy', 'shop', '--version', '3.0.0', '--stable-for', '0', '--drain', '300ms'];
    const { stdout, stderr, exitCode } = await bender(...args);
    expect(stdout).toBe('shop: shop@2.0.0 -> shop@3.0.0');
    expect(stderr).toContain(
      "Error: 'shop' was switched, but after 300ms 2 of shop@2.0.0 still online: stop what is left",
    );
    expect(exitCode).toBe(6);
  });

  const drained = async () =>
    (await client.registrations({ app: 'shop' })).filter(({ draining }) => draining).map(({ id }) => id);

  it('has what it drained take part again after a rollback, and only that', async () => {
    await client.setState(instance('shop', '2.0.0', 2), { draining: true, reason: 'kernel update' });
    expect(await drained()).toEqual(['shop/2.0.0/h/2', 'shop/2.0.0/h/3']);
    expect((await bender('rollback', 'shop')).stdout).toBe('shop: shop@3.0.0 -> shop@2.0.0');
    expect(await drained()).toEqual(['shop/2.0.0/h/2']);
    await client.setState(instance('shop', '2.0.0', 2), { draining: false });
  });

  it('has it take part again if the same version is deployed back', async () => {
    const args = ['--stable-for', '0'];
    expect((await bender('deploy', 'shop', '--version', '3.0.0', ...args, '--drain', '1ms')).exitCode).toBe(6);
    expect(await drained()).toHaveLength(2);
    const back = await bender('deploy', 'shop', '--version', '2.0.0', '--wait', '2', ...args);
    expect(back).toMatchObject({ stdout: 'shop: shop@3.0.0 -> shop@2.0.0', exitCode: 0 });
    expect(await drained()).toEqual([]);
  });

  it('leaves it drained if the rollback is refused', async () => {
    for (const [index, version] of ['1', '2', '3'].entries())
      await client.register(instance('part', version, 1 + index));
    await client.createBackend({ name: 'part', app: 'part', split: { 1: 50, 2: 50 } });
    // It does not wait, so it is not told what is left.
    expect(await bender('deploy', 'part', '--version', '3', '--stable-for', '0', '--drain', '0')).toEqual({
      stdout: 'part: part@1=50,2=50 -> part@3',
      stderr: expect.not.stringContaining('left'),
      exitCode: 0,
    });
    await client.deregister(instance('part', '2', 2));
    expect((await bender('rollback', 'part')).exitCode).toBe(7);
    expect(await client.registrations({ app: 'part', version: '1' })).toMatchObject([
      { draining: true, drainReason: 'deploy part: part@1=50,2=50 -> part@3' },
    ]);
  });

  it('drains nothing that another backend sends callers to', async () => {
    await client.register(instance('twice', '1', 1));
    await client.register(instance('twice', '2', 2));
    for (const name of ['twice-a', 'twice-b']) await client.createBackend({ name, app: 'twice', version: '1' });
    const args = ['deploy', 'twice-a', '--version', '2', '--stable-for', '0', '--drain', '1m'];
    expect(await bender(...args)).toMatchObject({
      stderr: expect.stringContaining("not drained, as backend 'twice-b' sends callers there: twice/1/h/1"),
      exitCode: 0,
    });
    expect(await client.backendRegistrations('twice-b')).toHaveLength(1);
  });

  it('does not switch to a version that ends again and again', async () => {
    await client.register(instance('loop', '1', 1));
    await client.createBackend({ name: 'loop', app: 'loop', version: '1' });
    const args = ['deploy', 'loop', '--version', '2', '--stable-for', '5s', '--timeout', '2s'];
    const child = start(args, { server });
    const notices = linesOf(child.stderr);
    let hasEnded = false;
    const ended = child.finally(() => (hasEnded = true));
    while (!hasEnded) {
      await client.register(instance('loop', '2', 2));
      await eventually(() => hasEnded || notices.at(-1)?.includes('switching if that lasts for 5s'));
      await client.deregister(instance('loop', '2', 2)).catch(() => undefined);
      await eventually(() => hasEnded || notices.at(-1) === '0 of loop@2 online, waiting for 1');
    }
    expect((await ended).exitCode).toBe(6);
    expect(notices.at(-1)).toBe(
      "Error: after 2s 1 of loop@2 never online for 5s without a break: 'loop' stays as it is",
    );
    expect((await client.backend('loop')).version).toBe('1');
  });

  it('gives what comes online late the time to prove itself', async () => {
    await client.createBackend({ name: 'late', app: 'late', version: '1' });
    const args = ['deploy', 'late', '--version', '2', '--stable-for', '3s', '--timeout', '2s'];
    const child = start(args, { server });
    const notices = linesOf(child.stderr);
    await eventually(() => notices.length > 0);
    await client.register(instance('late', '2', 2));
    expect(await child).toMatchObject({ stdout: 'late: late@1 -> late@2', exitCode: 0 });
  });

  it('goes over to another daemon when its own dies', async () => {
    const first = await startDaemon({ args: ['--warm-for', '0s'] });
    const second = await startDaemon({ peers: [first.url], args: ['--warm-for', '0s'] });
    const there = new Client({ servers: [second.url] });
    await there.createBackend({ name: 'web', app: 'web', version: '1' });
    const args = ['deploy', 'web', '--version', '2', '--stable-for', '0', '-s', first.url, '-s', second.url];
    await eventually(async () => {
      const [backend] = await new Client({ servers: [first.url] }).backends();
      return backend !== undefined;
    });
    const child = start(args);
    const notices = linesOf(child.stderr);
    await eventually(() => notices.length > 0);
    await first.kill();
    await there.register(instance('web', '2', 1));
    expect(await child).toMatchObject({ stdout: 'web: web@1 -> web@2', exitCode: 0 });
    expect((await there.backend('web')).version).toBe('2');
  });
});

it('points no backend at nothing by accident', async () => {
  await client.register(instance('api', '1', 1));
  await client.createBackend({ name: 'api', app: 'api', version: '1' });
  const refused = await bender('backends', 'update', 'api', '--version', '2');
  expect(refused).toEqual({
    stdout: '',
    stderr: 'Error: nothing of api@2 is online and not draining: to point the backend there all the same, use --force',
    exitCode: 7,
  });
  expect((await bender('backends', 'update', 'api', '--version', '2', '--force')).stdout).toBe('updated api: api@2');
  // An edit that is not named, as by a variable that is not set, is not the last one.
  expect(await bender('rollback', 'api', '--to', '')).toMatchObject({ stdout: '', exitCode: 2 });
  expect((await bender('rollback', 'api')).stdout).toBe('api: api@2 -> api@1');
  expect((await bender('rollback', 'api')).exitCode).toBe(7);
  expect((await bender('rollback', 'api', '--force')).stdout).toBe('api: api@1 -> api@2');
  expect((await bender('deploy', 'api', '--version', '3', '--force')).stdout).toBe(
    'api: api@2 -> api@3\n3 stands for nothing that is online now',
  );
});

it('names the authors of changes', async () => {
  await json('backends', 'create', 'told', '--app', 'told', '--version', '1', '--author', 'jane');
  const env = { BENDER_AUTHOR: 'joe' };
  await run(['backends', 'update', 'told', '--version', '2', '--force'], { server, env });
  await json('backends', 'rm', 'told');
  const edits = await json<Edit[]>('history', 'told');
  expect(edits).toMatchObject([
    { kind: 'backend', name: 'told', from: { version: '2' }, author: expect.stringMatching(/^\S+@\S+$/) },
    { from: { version: '1' }, to: { version: '2' }, author: 'joe' },
    { to: { version: '1' }, author: 'jane', daemon: new URL(server).host },
  ]);
  const lines = (await bender('history', 'told', '--limit', '2')).stdout.split('\n');
  expect(lines[0]).toMatch(/^WHEN +WHO +WHAT +FROM +TO +EDIT +THROUGH$/);
  expect(lines[1]).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d +\S+@\S+ +backend told +told@2 +- +[0-9a-f]{12} +127/);
  expect(lines[2]).toMatch(/ joe +backend told +told@1 +told@2 /);
  expect(lines).toHaveLength(3);
  expect((await bender('history', 'never')).exitCode).toBe(4);
});

it('says that there was a conflict, with what lost', async () => {
  const flags = ['--warm-for', '0s', '--peer-timeout', '500ms'];
  const [a, b] = [await startDaemon({ args: flags }), await startDaemon({ args: flags })];
  // Before they know of each other.
  await Promise.all(
    [a, b].map(({ url }, index) =>
      new Client({ servers: [url], author: `author-${index}` }).createBackend({
        ...{ name: 'web', app: 'web', version: String(index + 1) },
      }),
    ),
  );
  const c = await startDaemon({ peers: [a.url, b.url], args: flags });
  const at = { server: c.url };
  await eventually(async () => (await runJson<Edit[]>(['history'], at)).length === 2);
  const shown = (await run(['backends', 'show', 'web'], at)).stdout;
  expect(shown).toMatch(
    /^web: web@([12])\nconflict: web@(?!\1)[12] at the same time at another daemon, and lost; .*\(bender history web\)/,
  );
  expect(await runJson(['backends', 'show', 'web'], at)).toMatchObject({
    conflict: [{ resource: 'Backend', name: 'web' }],
  });
  expect((await run(['history', 'web'], at)).stdout.match(/ concurrent$/gm)).toHaveLength(2);
  expect((await run(['rollback', 'web'], at)).exitCode).toBe(5);
  await runJson(['backends', 'update', 'web', '--version', '3', '--force'], at);
  expect((await run(['backends', 'show', 'web'], at)).stdout).toBe('web: web@3');
});
