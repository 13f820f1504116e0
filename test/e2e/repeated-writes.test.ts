import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execa } from 'execa';
import { join } from 'node:path';
import { Client } from '../../src/client/client.js';
import { linesOf, run } from '../helpers/cli.js';
import { type RunningDaemon, startDaemon, stopDaemons } from '../helpers/daemon.js';
import { eventually } from '../helpers/eventually.js';

const fixture = join(import.meta.dirname, '../fixtures/losing-relay.js');
const relays: { kill(): unknown }[] = [];

/** The URL of a relay to `daemon` that loses answers to writes. */
async function relayTo(daemon: RunningDaemon, mode: 'drop' | 'slow'): Promise<string> {
  const relay = execa(process.execPath, [fixture, new URL(daemon.url).port, mode], { reject: false });
  relays.push(relay);
  const lines = linesOf(relay.stdout);
  return `http://127.0.0.1:${await eventually(() => lines[0])}`;
}

let [first, second]: RunningDaemon[] = [];
let client: Client;
beforeAll(async () => {
  first = await startDaemon({ args: ['--warm-for', '0s'] });
  second = await startDaemon({ peers: [first.url] });
  client = new Client({ servers: [first.url] });
  for (const version of ['1', '2'])
    await client.register({ app: 'rb', version, host: 'h', port: Number(version), ttl: 600_000 });
});
afterAll(async () => {
  for (const relay of relays) relay.kill();
  await stopDaemons();
});

describe.each(['drop', 'slow'] as const)('a write whose answer is lost (%s)', (mode) => {
  it('is done once, and what is printed is what it did', async () => {
    const name = `rb-${mode}`;
    const servers = ['--server', await relayTo(first!, mode), '--server', second!.url];
    await client.createBackend({ name, app: 'rb', version: '1' });
    await client.updateBackend(name, { version: '2' });
    await eventually(async () => (await new Client({ servers: [second!.url] }).backend(name)).version === '2');

    expect(await run(['rollback', name, ...servers])).toEqual({
      stdout: `${name}: rb@2 -> rb@1`,
      stderr: '',
      exitCode: 0,
    });
    for (const { url } of [first!, second!]) {
      const history = await new Client({ servers: [url] }).history({ backend: name });
      expect(history.map(({ from, to }) => [from, to].map((one) => one && 'version' in one && one.version))).toEqual([
        ['2', '1'],
        ['1', '2'],
        [undefined, '1'],
      ]);
    }
    expect(await run(['backends', 'create', `${name}-new`, '--app', 'rb', '--version', '1', ...servers])).toMatchObject(
      { stdout: `created ${name}-new: rb@1`, exitCode: 0 },
    );
    expect(await run(['backends', 'rm', `${name}-new`, ...servers])).toMatchObject({
      stdout: `removed ${name}-new`,
      exitCode: 0,
    });
    expect(await client.history({ backend: `${name}-new` })).toHaveLength(2);
    await client.register({ app: mode, version: '1', host: 'h', port: 1, ttl: 600_000 });
    expect(await run(['deregister', `${mode}/1/h/1`, ...servers])).toMatchObject({
      stdout: `deregistered ${mode}/1/h/1`,
      exitCode: 0,
    });
    expect(await run(['deregister', `${mode}/1/h/1`, '--server', second!.url])).toMatchObject({
      exitCode: 4,
    });
  });
});
