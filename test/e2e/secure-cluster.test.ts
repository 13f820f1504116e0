/** The secure cluster of the README, made by the commands that stand there. */

import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { execa } from 'execa';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DaemonInfo } from '../../src/model/daemon.js';
import { run } from '../helpers/cli.js';
import { eventually } from '../helpers/eventually.js';
import { freePort } from '../helpers/free-port.js';

const project = join(import.meta.dirname, '../..');

let folder: string;
let making: ReturnType<typeof shell> | undefined;
let ports: number[];
/** What stands in the README, with ports that are free here. */
let blocks: string[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bender-secure-'));
  const bender = join(folder, 'bender');
  await writeFile(bender, `#!/bin/sh\nexec '${process.execPath}' '${join(project, 'bin/run.js')}' "$@"\n`);
  await chmod(bender, 0o755);
  ports = [await freePort(), await freePort(), await freePort()];
  const readme = await readFile(join(project, 'README.md'), 'utf8');
  const [, section = ''] = readme.split('\n## A secure cluster\n');
  const here = section
    .split('\n## ')[0]!
    .replace(/\b(1729|1730|1731)\b/g, (port) => String(ports[Number(port) - 1729]));
  blocks = [...here.matchAll(/```sh\n([^]*?)```/g)].map(([, block]) => block!);
});
afterAll(async () => {
  // The shell and the daemons that it has started.
  if (making) process.kill(-making.pid!, 'SIGTERM');
  await making;
  await rm(folder, { recursive: true });
});

/** A shell in which `bender` is this one, and its daemons listen at the first port if they are not told another. */
function shell(script: string) {
  const { BENDER_SERVER: _, ...env } = process.env;
  return execa('sh', ['-c', script], {
    cwd: folder,
    env: { ...env, PATH: `${folder}:${process.env.PATH}`, BENDER_PORT: String(ports[0]) },
    extendEnv: false,
    detached: true,
    reject: false,
    stdin: 'ignore',
  });
}

it('is there after five commands, for callers with a certificate and for nobody else', async () => {
  const [make, call] = blocks as [string, string];
  expect(make.trim().split('\n')).toHaveLength(5);
  making = shell(`${make}\nwait`);
  const list = call.replace('bender daemons', 'bender daemons --json');
  const daemons = await eventually(
    async () => {
      const { stdout, exitCode } = await shell(list);
      const [, json = ''] = /(\[\n[^]*)$/.exec(stdout) ?? [];
      const all = exitCode === 0 && (JSON.parse(json) as DaemonInfo[]);
      return all && all.filter(({ state }) => state === 'online').length === 3 && all;
    },
    { withinMs: 40_000 },
  );
  expect(daemons.map(({ name, url }) => [name, url])).toEqual(
    [
      ['one', 0],
      ['three', 2],
      ['two', 1],
    ].map(([name, at]) => [name, `https://127.0.0.1:${ports[at as number]}`]),
  );
  for (const port of ports) {
    const server = `https://127.0.0.1:${port}`;
    const env = { BENDER_TLS_CA: join(folder, 'bender-ca/ca.pem') };
    expect(await run(['ls'], { server, env })).toMatchObject({
      exitCode: 3,
      stderr: expect.stringMatching(/wants a client certificate/),
    });
    expect(await run(['ls'], { server: `http://127.0.0.1:${port}` })).toMatchObject({ exitCode: 3 });
  }
});
