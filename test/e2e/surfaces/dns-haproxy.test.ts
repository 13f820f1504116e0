/** docs/haproxy.md, "Without reloads and without templates: DNS", with a real HAProxy. */

import { afterEach, beforeEach, expect } from '@jest/globals';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { Client } from '../../../src/client/client.js';
import { startDaemon, stopDaemons } from '../../helpers/daemon.js';
import { eventually } from '../../helpers/eventually.js';
import { freePort } from '../../helpers/free-port.js';
import { blocksOf } from '../../helpers/page.js';
import { AgentLoad } from '../deployments/agent-load.js';
import { itWith, startProgram } from '../deployments/programs.js';
import { dnsPortOf, TestServices } from './test-services.js';

let folder: string;
let services: TestServices;
const stops: (() => Promise<unknown>)[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bender-dns-'));
  services = new TestServices();
});
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
  await services.close();
  await stopDaemons();
  await rm(folder, { recursive: true });
});

/** A server of HAProxy's backend that has an address. */
interface Server {
  port: number;
  weight: number;
  /** Whether it takes requests. */
  isUp: boolean;
}

/** What HAProxy says of the backend, through its runtime socket. */
async function serversIn(socket: string): Promise<Server[]> {
  const rows = (await ask(socket, 'show servers state www')).trim().split('\n').slice(1);
  const [head = '', ...lines] = rows;
  const column = Object.fromEntries(
    head
      .replace('# ', '')
      .split(' ')
      .map((name, index) => [name, index]),
  );
  const of = (line: string, name: string): number => Number(line.split(' ')[column[name]!]);
  return lines
    .map((line) => ({
      port: of(line, 'srv_port'),
      weight: of(line, 'srv_uweight'),
      isUp: of(line, 'srv_op_state') === 2 && (of(line, 'srv_admin_state') & ~64) === 0,
    }))
    .filter(({ port, isUp }) => port > 0 && isUp);
}

async function ask(socket: string, command: string): Promise<string> {
  const connection = connect(socket);
  await once(connection, 'connect');
  connection.end(`${command}\n`);
  return text(connection);
}

itWith(['haproxy'])(
  'HAProxy follows a deployment by SRV records: 30 instances, weights, a drain; nothing fails, nothing is reloaded',
  async () => {
    const first = await startDaemon({ args: ['--warm-for', '0s', '--dns-port', '0'] });
    const second = await startDaemon({ peers: [first.url], args: ['--dns-port', '0'] });
    const client = new Client({ servers: [first.url, second.url] });
    const old = await services.start(client, { app: 'web', version: '1.0.0' }, 30);
    await client.createBackend({ name: 'web', app: 'web', version: '1.0.0' });
    await client.createFrontend({ name: 'www', backend: 'web' });

    const [config = ''] = await blocksOf('docs/haproxy.md', 'haproxy');
    const [port, socket] = [await freePort(), join(folder, 'haproxy.sock')];
    const [one, two] = [await dnsPortOf(first), await dnsPortOf(second)];
    const here = config
      .replace('127.0.0.1:1753', `127.0.0.1:${one}`)
      .replace('127.0.0.1:1754', `127.0.0.1:${two}`)
      .replace('127.0.0.1:8080', `127.0.0.1:${port}`)
      .replace('hold obsolete 5s', 'hold obsolete 2s');
    await writeFile(join(folder, 'haproxy.cfg'), `global\n  stats socket ${socket} level admin\n${here}`);
    const haproxy = startProgram('haproxy', ['-W', '-db', '-f', join(folder, 'haproxy.cfg')]);
    stops.push(async () => {
      haproxy.kill('SIGTERM');
      await haproxy;
    });
    const shown = async (wanted: Record<number, number>): Promise<void> => {
      const expected = JSON.stringify(wanted);
      await eventually(
        async () =>
          JSON.stringify(Object.fromEntries((await serversIn(socket)).map(({ port, weight }) => [port, weight]))) ===
          expected,
        { withinMs: 15_000, everyMs: 100 },
      );
    };
    const weighing = (...groups: [{ port: number }[], number][]): Record<number, number> =>
      Object.fromEntries(groups.flatMap(([all, weight]) => all.map(({ port }) => [port, weight])));
    await shown(weighing([old, 1]));

    const identity = async (): Promise<string[]> =>
      (await ask(socket, 'show info')).split('\n').filter((line) => /^(Pid|Start_time_sec):/.test(line));
    const before = await identity();
    const load = new AgentLoad(`http://127.0.0.1:${port}/`);
    try {
      const [drained, ...others] = old as [(typeof old)[0], ...typeof old];
      await client.setState(drained, { draining: true });
      await shown(weighing([[drained], 0], [others, 1]));
      const requests = drained.requests;
      const served = load.requests;
      await eventually(() => load.requests > served + 60);
      expect(drained.requests).toBe(requests);
      await client.setState(drained, { draining: false });

      const next = await services.start(client, { app: 'web', version: '2.0.0' }, 10);
      await client.updateBackend('web', { split: { '1.0.0': 90, '2.0.0': 10 } });
      await shown(weighing([old, 3], [next, 1]));
      // From here on one nameserver is gone.
      await first.kill();
      await client.updateBackend('web', { version: '2.0.0' });
      await shown(weighing([next, 1]));
      await eventually(() => next.every(({ requests }) => requests > 0));
      const done = old.map((service) => service.requests);
      const so = load.requests;
      await eventually(() => load.requests > so + 60);
      expect(old.map((service) => service.requests)).toEqual(done);

      // The last daemon is replaced by one that knows nothing yet, and says so.
      await second.kill();
      const fresh = await startDaemon({ args: ['--warm-for', '60s', '--dns-port', String(two)] });
      const unsure = async (): Promise<boolean> => {
        const metrics = await (await fetch(`${fresh.url}/metrics`)).text();
        return Number(/surface_answers_total\{surface="dns",status="2"\} (\d+)/.exec(metrics)?.[1] ?? 0) >= 4;
      };
      await eventually(unsure);
      await shown(weighing([next, 1]));
    } finally {
      await load.stop();
    }
    expect(load.failures).toEqual([]);
    expect(load.requests).toBeGreaterThan(500);
    expect(await identity()).toEqual(before);
  },
  90_000,
);
