import { afterEach, beforeEach, expect } from '@jest/globals';
import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { linesOf, start } from '../../helpers/cli.js';
import { eventually } from '../../helpers/eventually.js';
import { AgentLoad } from './agent-load.js';
import { examples } from './haproxy.js';
import { noFailure } from './load.js';
import { freePorts, itWith, startProgram } from './programs.js';
import { Stage } from './stage.js';
import { deployUnderLoad, print } from './story.js';

let stage: Stage;
beforeEach(async () => {
  stage = await Stage.open();
});
afterEach(() => stage.close());

itWith(['nginx', 'wrk'])(
  'nginx, reloaded with what bender template renders, drops no request',
  async () => {
    const running = await stage.launch('1.0.0', 2);
    await stage.bender('backends', 'create', 'web', '--app', 'web', '--version', '1.0.0');
    const [source, upstreams] = [join(examples, 'nginx/bender.conf.liquid'), stage.path('bender.conf')];
    await stage.bender('template', source, upstreams, '--once');
    const port = await freePorts();
    await copyFile(join(examples, 'nginx/nginx.conf'), stage.path('nginx.conf'));
    await writeFile(stage.path('listen.conf'), `listen 127.0.0.1:${port};\n`);
    const place = ['-p', stage.folder, '-c', 'nginx.conf', '-e', 'stderr'];
    void stage.own(startProgram('nginx', [...place, '-g', 'daemon off;']));
    const url = `http://127.0.0.1:${port}/`;
    await eventually(async () => (await fetch(url)).status === 200);
    const nginx = `PATH=$PATH:/usr/sbin nginx ${place.join(' ')}`;
    const exec = ['--exec', `${nginx} -t -q && ${nginx} -s reload`];
    const template = stage.own(start(['template', source, upstreams, ...exec], { server: stage.servers }));
    const notices = linesOf(template.stderr);

    const keptAlive = new AgentLoad(url);
    const { loads, switched } = await deployUnderLoad(stage, running, url, ['of their own']);
    await keptAlive.stop();
    expect(keptAlive.failures).toEqual([]);
    expect(loads.map(({ failed }) => failed)).toEqual([noFailure]);
    expect(Math.min(keptAlive.requests, loads[0]!.requests)).toBeGreaterThan(500);
    expect(keptAlive.repeated).toBeLessThan(keptAlive.requests / 50);
    print('nginx, reloaded', { 'kept alive': keptAlive.requests, 'of their own': loads[0]!.requests }, switched);
    process.stdout.write(`${keptAlive.repeated} of them sent again on another connection\n`);

    // Whatever becomes of the registry, nginx keeps what was good.
    const good = await stage.read('bender.conf');
    for (const daemon of stage.daemons) await daemon.kill();
    await stage.restartEmpty(stage.daemons[0]!);
    await eventually(() => notices.some((line) => line.includes('keeping 2 servers')), { withinMs: 20_000 });
    expect(await stage.read('bender.conf')).toBe(good);
    expect(await (await fetch(url)).text()).toContain('web/1.0.0/');
  },
  150_000,
);
