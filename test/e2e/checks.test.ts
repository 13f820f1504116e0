/** Services that are registered once and never renew: the daemons probe them. */

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Client } from '../../src/client/client.js';
import type { SeenEvent } from '../../src/client/picture.js';
import { run } from '../helpers/cli.js';
import { type RunningDaemon, startDaemon, stopDaemons } from '../helpers/daemon.js';
import { eventually } from '../helpers/eventually.js';

/** A service at a port of its own, whose `/healthz` says whether it is well. */
class Service {
  isWell = true;
  readonly #server: Server;

  constructor() {
    this.#server = createServer(({ url }, response) => {
      response.writeHead(url === '/healthz' && this.isWell ? 200 : 503).end();
    });
  }

  /** Listens; at the same port as before, if it has had one. */
  async start(port = 0): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(port, '127.0.0.1', resolve));
    return (this.#server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

let daemons: RunningDaemon[];
const service = new Service();
let port: number;
const stopped = new AbortController();
/** What watchers of the daemons are told, by daemon. */
const told: string[][] = [[], [], []];

beforeAll(async () => {
  port = await service.start();
  const first = await startDaemon({ args: ['--name', 'd0'] });
  const second = await startDaemon({ args: ['--name', 'd1'], peers: [first.url] });
  daemons = [first, second, await startDaemon({ args: ['--name', 'd2'], peers: [first.url] })];
  await eventually(async () => (await at(2).daemons()).filter(({ state }) => state === 'online').length === 3);
});
afterAll(async () => {
  stopped.abort();
  await service.stop();
  await stopDaemons();
});

const at = (index: number) => new Client({ servers: [daemons[index]!.url] });
const lineOf = (event: SeenEvent) => (event.type === 'offline' ? `offline ${event.reason}` : event.type);

function watch(index: number): void {
  void (async () => {
    for await (const event of at(index).changes({ app: 'web' }, { signal: stopped.signal }))
      told[index]!.push(lineOf(event));
  })().catch(() => undefined);
}

const holders = async (index: number) =>
  (await at(index).daemons()).filter(({ held, state }) => held > 0 && state === 'online').map(({ name }) => name);

describe('a service that is registered once with a check', () => {
  it('is shown with it, and by ls', async () => {
    for (const index of [1, 2]) watch(index);
    const check = ['--check', 'http:/healthz', '--check-interval', '1s', '--check-timeout', '500ms'];
    const address = ['--app', 'web', '--version', '1', '--host', '127.0.0.1', '--port', String(port)];
    const registered = await run(['register', ...address, ...check, '--server', daemons[0]!.url]);
    expect(registered).toMatchObject({ exitCode: 0 });
    expect(registered.stderr).toContain('The daemons probe it (http:/healthz): it needs no renewal.');
    await eventually(() => told.slice(1).every((lines) => lines.join() === 'online'));
    const [shown] = await at(2).registrations({ app: 'web' });
    expect(shown).toMatchObject({ ttl: 4500, check: { http: '/healthz', interval: 1000, timeout: 500, fails: 3 } });
    expect((await run(['ls', '-o', 'wide', '--server', daemons[1]!.url])).stdout).toMatch(/CHECK[^]*http:\/healthz/);
  });

  it('stays online when its holder is killed, and when the next one stops', async () => {
    expect(await holders(2)).toEqual(['d0']);
    await daemons[0]!.kill();
    const [next] = await eventually(async () => {
      const names = await holders(2);
      return names.length === 1 && names[0] !== 'd0' && names;
    });
    const [stops, stays] = next === 'd1' ? [1, 2] : [2, 1];
    await daemons[stops]!.stop();
    await eventually(async () => (await holders(stays)).join() === `d${stays}`);
    expect(told.slice(1)).toEqual([['online'], ['online']]);
    // It is the one that is watched from here on.
    daemons = [daemons[stays]!];
    told[0] = told[stays]!;
  });

  it('goes offline when it fails, and when it is gone, and comes back when it is well', async () => {
    service.isWell = false;
    await eventually(() => told[0]!.at(-1) === 'offline unhealthy');
    service.isWell = true;
    await eventually(() => told[0]!.at(-1) === 'online');
    await service.stop();
    await eventually(() => told[0]!.at(-1) === 'offline unhealthy');
    await service.start(port);
    await eventually(() => told[0]!.at(-1) === 'online');
    expect(told[0]).toHaveLength(5);
  });
});

describe('a check is refused', () => {
  const web = { app: 'web', version: '1', port: 80 };

  it.each(['169.254.169.254', 'fe80::1', '::ffff:169.254.169.254', '100.100.100.200'])('of %s', async (host) => {
    await expect(at(0).register({ ...web, host, check: { http: '/latest' } })).rejects.toThrow(/'check' is refused/);
  });

  it('that says another target than the instance', async () => {
    for (const check of [{ http: 'http://10.0.0.9/' }, { http: '/', host: '10.0.0.9' }, { http: '/\r\nHost: x' }])
      await expect(at(0).register({ ...web, host: '10.0.0.1', check })).rejects.toThrow(/'check\.(http|host)'/);
  });

  it('of another machine, with --no-remote-checks', async () => {
    const careful = await startDaemon({ args: ['--no-remote-checks'] });
    const client = new Client({ servers: [careful.url] });
    for (const host of ['198.51.100.7', 'db.example.com'])
      await expect(client.register({ ...web, host, check: { tcp: true } })).rejects.toThrow(/--no-remote-checks/);
    await client.register({ ...web, host: '127.0.0.1', port, check: { tcp: true } });
  });

  it('by the command, if it needs a process that stays', async () => {
    const address = ['--app', 'web', '--version', '1', '--host', '10.0.0.1', '--port', '80'];
    for (const check of ['exec:true', 'http://10.0.0.9/', 'http:/\u0001']) {
      const { exitCode, stderr } = await run(['register', ...address, '--check', check, '--server', daemons[0]!.url]);
      expect([exitCode, stderr]).toEqual([2, expect.stringContaining('check')]);
    }
  });
});
