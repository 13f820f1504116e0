/** `bender/daemon`: daemons in the process of a program. */

import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { execaNode } from 'execa';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');
let project: string;

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'bender-embedding-'));
  await mkdir(join(project, 'node_modules'));
  await symlink(root, join(project, 'node_modules/bender'));
});

afterAll(() => rm(project, { recursive: true, force: true }));

/** Runs a program that imports `bender/daemon`, with variables that a daemon in it must not read. */
async function run(name: string, source: string) {
  const file = join(project, `${name}.mjs`);
  const imports = `import { createDaemon } from 'bender/daemon'; import { Client } from 'bender';`;
  await writeFile(file, `${imports}\n${source}`);
  return execaNode(file, { reject: false, timeout: 20_000, env: { BENDER_PORT: 'no port', BENDER_HOST: '' } });
}

it('runs several daemons that form a cluster, in silence, and leaves nothing that keeps the program alive', async () => {
  const source = `
    const listeners = () => process.eventNames().map((name) => [name, process.listenerCount(name)]).join();
    const before = listeners();
    const a = await createDaemon();
    const b = await createDaemon({ peers: [a.url], name: 'b' });
    const [ofA, ofB] = [a, b].map(({ url }) => new Client({ servers: [url], trusted: true }));
    await ofA.register({ app: 'web', version: '1.0.0', host: '10.0.0.5', port: 80 });
    while ((await ofB.registrations({ app: 'web' })).length === 0);
    console.log((await ofB.daemons()).map(({ state }) => state).join(), b.name, b.cluster);
    console.log(listeners() === before);
    await a.close();
    console.log((await ofB.registrations({ app: 'web' })).length);
    await b[Symbol.asyncDispose]();
    await Promise.all([a.closed, b.closed, b.close()]);
    console.log(listeners() === before);
    const closed = performance.now();
    process.once('exit', () => console.log(performance.now() - closed < 1000));`;
  const ended = await run('cluster', source);
  expect(ended).toMatchObject({ exitCode: 0, stderr: '' });
  expect(ended.stdout.split('\n')).toEqual(['online,online b default', 'true', '1', 'true', 'true']);
});

it('throws what is wrong with its options or its ports, and leaves nothing then either', async () => {
  const source = `
    const failed = (error) => console.log(error.code, error.message);
    await createDaemon({ ttl: 'soon' }).catch(failed);
    await createDaemon({ host: '0.0.0.0' }).catch(failed);
    const a = await createDaemon();
    await createDaemon({ port: Number(new URL(a.url).port) }).catch(failed);
    await createDaemon({ peerListen: new URL(a.url).host }).catch(failed);
    console.log((await new Client({ servers: [a.url] }).status()).ready);
    await a.close();`;
  const { stdout, exitCode } = await run('refused', source);
  expect(stdout).toMatch(/^INVALID 'ttl' .*\nINVALID every program .*\n(INTERNAL cannot listen on .*\n){2}true$/);
  expect(exitCode).toBe(0);
});

it('is used by a test of node:test, as the example shows', async () => {
  const example = join(root, 'examples/client/test-with-daemon.mjs');
  // A test run that runs another one would otherwise report to it.
  const { exitCode, stdout } = await execaNode(example, { reject: false, env: { NODE_TEST_CONTEXT: '' } });
  expect({ exitCode, stdout }).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('pass 1') });
});
