import { afterEach, beforeEach, expect } from '@jest/globals';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { join } from 'node:path';
import { slug } from '../../../src/cli/template/slug.js';
import { linesOf, start } from '../../helpers/cli.js';
import { eventually } from '../../helpers/eventually.js';
import type { Haproxy } from './haproxy.js';
import { examples, startHaproxy } from './haproxy.js';
import { Load, noFailure } from './load.js';
import { itWith, startProgram } from './programs.js';
import { Stage } from './stage.js';
import { deployUnderLoad, print } from './story.js';

const driver = join(examples, 'haproxy/runtime.js');

let stage: Stage;
beforeEach(async () => {
  stage = await Stage.open();
});
afterEach(() => stage.close());

async function ask({ socket }: Haproxy, command: string): Promise<string> {
  const connection = connect(socket);
  await once(connection, 'connect');
  connection.end(`${command}\n`);
  return text(connection);
}

/** The process that serves, and since when: neither outlives a reload. */
const identity = async (haproxy: Haproxy): Promise<string[]> =>
  (await ask(haproxy, 'show info')).split('\n').filter((line) => /^(Pid|Start_time_sec):/.test(line));

const serversIn = async (haproxy: Haproxy): Promise<string[]> =>
  (await ask(haproxy, 'show servers state web'))
    .trim()
    .split('\n')
    .slice(2)
    .map((line) => line.split(' ')[3]!)
    .sort();

itWith(['haproxy', 'wrk'])(
  'HAProxy, driven through its runtime socket, drops no request and is never reloaded',
  async () => {
    const running = await stage.launch('1.0.0', 2);
    await stage.bender('backends', 'create', 'web', '--app', 'web', '--version', '1.0.0');
    // The configuration of the example, with a backend that has no server yet.
    const once = ['template', join(examples, 'haproxy/haproxy.cfg.liquid'), stage.path('haproxy.cfg'), '--once'];
    await stage.bender(...once);
    const config = await stage.read('haproxy.cfg');
    await writeFile(stage.path('haproxy.cfg'), config.replace(/^ +server .*\n/gm, ''));
    const haproxy = await startHaproxy(stage, stage.path('haproxy.cfg'));
    const before = await identity(haproxy);

    const driving = stage.own(startProgram('node', [driver, haproxy.socket, 'web'], { BENDER_SERVER: stage.servers }));
    const watching = stage.own(start(['watch', '--json'], { server: stage.servers }));
    watching.stdout.pipe(driving.stdin);
    const [orders, complaints] = [linesOf(driving.stdout), linesOf(driving.stderr)];
    const names = (instances: { id: string }[]): string[] => instances.map(({ id }) => slug(id)).sort();
    await eventually(async () => (await (await fetch(haproxy.url)).text()).includes('web/1.0.0/'));

    const result = await deployUnderLoad(stage, running, haproxy.url);
    expect(result.loads.map(({ failed }) => failed)).toEqual([noFailure, noFailure]);
    expect(Math.min(...result.loads.map(({ requests }) => requests))).toBeGreaterThan(500);
    const [kept, own] = result.loads.map(({ requests }) => requests);
    print('HAProxy, through its socket', { 'kept alive': kept!, 'of their own': own! }, result.switched);
    expect(await serversIn(haproxy)).toEqual(names(running));
    expect(orders.filter((order) => order.startsWith('del server')).length).toBeGreaterThanOrEqual(7);

    // All daemons dead, then one that knows nothing.
    const load = new Load(haproxy.url);
    const [first] = stage.daemons;
    for (const daemon of stage.daemons) await daemon.kill();
    await stage.restartEmpty(first!);
    await eventually(() => complaints.some((line) => line.startsWith('web: bender names no server; keeping 2')));
    await stage.untilBusy(running);
    expect((await load.stop()).map(({ failed }) => failed)).toEqual([noFailure, noFailure]);
    expect(await serversIn(haproxy)).toEqual(names(running));
    expect(await identity(haproxy)).toEqual(before);
  },
  150_000,
);
