import { afterEach, beforeEach, expect } from '@jest/globals';
import { join } from 'node:path';
import { Client } from '../../../src/client/client.js';
import { linesOf, start } from '../../helpers/cli.js';
import { eventually, never } from '../../helpers/eventually.js';
import { examples, startHaproxy } from './haproxy.js';
import { Load, noFailure } from './load.js';
import { itWith } from './programs.js';
import { Stage } from './stage.js';
import { deployUnderLoad, print } from './story.js';

let stage: Stage;
beforeEach(async () => {
  stage = await Stage.open();
});
afterEach(() => stage.close());

itWith(['haproxy', 'wrk'])(
  'HAProxy, reloaded with what bender template renders, drops no request',
  async () => {
    const running = await stage.launch('1.0.0', 2);
    await stage.bender('backends', 'create', 'web', '--app', 'web', '--version', '1.0.0');
    await stage.bender('frontends', 'create', 'www', '--backend', 'web');
    const [source, config] = [join(examples, 'haproxy/haproxy.cfg.liquid'), stage.path('haproxy.cfg')];
    await stage.bender('template', source, config, '--once');
    const haproxy = await startHaproxy(stage, config);
    const template = stage.own(
      start(
        ['template', source, config].concat(
          ['--check', 'haproxy -c -q -f {}'],
          ['--exec', `kill -USR2 ${haproxy.process.pid}`],
        ),
        { server: stage.servers, env: haproxy.env },
      ),
    );
    const [lines, notices] = [linesOf(template.stdout), linesOf(template.stderr)];

    const result = await deployUnderLoad(stage, running, haproxy.url);
    expect(result.loads.map(({ failed }) => failed)).toEqual([noFailure, noFailure]);
    expect(Math.min(...result.loads.map(({ requests }) => requests))).toBeGreaterThan(500);
    const [kept, own] = result.loads.map(({ requests }) => requests);
    print('HAProxy, reloaded', { 'kept alive': kept!, 'of their own': own! }, result.switched);

    // Whatever becomes of the registry, HAProxy keeps what was good.
    const good = await stage.read('haproxy.cfg');
    expect(good).toContain(`127.0.0.1:${running[0]!.port}`);
    const load = new Load(haproxy.url);
    const [first, ...others] = stage.daemons;
    const said = (text: string) => eventually(() => notices.some((line) => line.includes(text)), { withinMs: 20_000 });

    // Cut off: what that daemon is told now, nobody else knows of.
    for (const { process } of others) process.kill('SIGSTOP');
    const cutOff = new Client({ servers: [first!.url] });
    await eventually(async () => (await cutOff.status()).stale);
    await cutOff.deleteBackend('web', { atLeast: 0 });
    await said('it is cut off from most of the other daemons');
    const rendered = lines.length;
    await never(() => lines.length > rendered, { forMs: 500 });
    expect(await stage.read('haproxy.cfg')).toBe(good);

    // All dead.
    for (const daemon of stage.daemons) await daemon.kill();
    await said('connection refused');
    // One is back, and knows nothing.
    const empty = await stage.restartEmpty(first!);
    await said('backend web is gone, but was not deleted: keeping 2 servers');
    expect(await stage.read('haproxy.cfg')).toBe(good);
    await stage.untilBusy(running);
    expect((await load.stop()).map(({ failed }) => failed)).toEqual([noFailure, noFailure]);

    // And it goes on from there.
    const fresh = new Client({ servers: [empty.url] });
    await fresh.createBackend({ name: 'web', app: 'web', version: '2.0.0' });
    await stage.launch('2.0.0', 1);
    await eventually(async () => (await (await fetch(haproxy.url)).text()).includes('web/2.0.0/'));
  },
  150_000,
);
