/** The commands of the README, typed as they stand there, and what they print. */

import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { execa } from 'execa';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDaemon, stopDaemons } from '../../helpers/daemon.js';
import { eventually } from '../../helpers/eventually.js';
import { blocksOf, missingFrom, type Step, stepsUnder } from '../../helpers/page.js';
import { Terminal } from '../../helpers/terminal.js';
import { freePorts, itWith, withSbin } from '../deployments/programs.js';

const project = join(import.meta.dirname, '../../..');
const page = 'README.md';

let state: string;
/** In place of 1729 to 1731. */
let first: number;
/** In place of 17290 to 17299. */
let ofExample: number;
const terminals: Terminal[] = [];

beforeAll(async () => {
  state = await mkdtemp(join(tmpdir(), 'bender-readme-'));
  first = await freePorts(3);
  ofExample = await freePorts(10);
});
afterAll(async () => {
  await Promise.all(terminals.map((terminal) => terminal.close()));
  await Promise.all(
    [1, 2].map((offset) => execa('node', ['bin/run.js', 'stop', '--port', String(first + offset)], inProject())),
  );
  await stopDaemons();
  await rm(state, { recursive: true });
});

/** The daemons' ports are others here, so `bender` without a port or a server means the first of them. */
function environment(): NodeJS.ProcessEnv {
  const env = withSbin();
  for (const name of ['BENDER_SERVER', 'NODE_OPTIONS', 'PORT']) delete env[name];
  const ours = { BENDER_PORT: String(first), BENDER_SERVER: `http://127.0.0.1:${first}`, XDG_STATE_HOME: state };
  return { ...env, ...ours };
}
const inProject = () => ({ cwd: project, env: environment(), extendEnv: false, reject: false }) as const;

function open(): Terminal {
  const terminal = new Terminal({ cwd: project, env: environment() });
  terminals.push(terminal);
  return terminal;
}

/** With ports that are free, and files that no other run has. */
const here = (text: string): string =>
  text
    .replace(/\b1729(\d)\b/g, (_, last: string) => String(ofExample + Number(last)))
    .replace(/\b17(29|30|31)\b/g, (port) => String(first + Number(port) - 1729))
    .replaceAll('/tmp/', `${state}/`);

async function follow(terminal: Terminal, steps: Step[]): Promise<void> {
  for (const { commands, shown } of steps) {
    const output = await terminal.run(here(commands));
    expect({ commands, output, missing: missingFrom(output, here(shown)) }).toMatchObject({ missing: [] });
  }
}

async function onlineAt(url: string): Promise<number> {
  return ((await (await fetch(`${url}/registrations/web`)).json()) as unknown[]).length;
}

it('shows a cluster, a deployment and a crash in five minutes', async () => {
  const [[start, test]] = (await blocksOf(page, 'sh')).map((block) => block.trim().split('\n')) as [string[]];
  // What runs this has done the first half, and is doing the second line.
  expect([start, test]).toEqual([
    expect.stringMatching(/^npm ci && npm start +#/),
    expect.stringMatching(/^npm ci && npm test +#/),
  ]);
  const [, command] = /&& (npm start)/.exec(start!)!;
  open().start(command!);
  const dashboard = await eventually(async () => {
    const answer = await fetch(`http://127.0.0.1:${first}/ui`);
    return answer.ok && answer.text();
  });
  expect(dashboard).toMatch(/<title>bender/i);
  await follow(open(), await stepsUnder(page, 'Five minutes'));
  await eventually(async () => (await onlineAt(`http://127.0.0.1:${first}`)) === 0);
}, 120_000);

itWith(['haproxy', 'wrk', 'curl'])(
  'shows a deployment under load, without an error',
  async () => {
    const [{ commands }] = (await stepsUnder(page, 'Five minutes')) as [Step];
    const terminal = open();
    await terminal.run(`${commands.split('\n')[0]!}\nexport PORT=${ofExample}`);
    const steps = await stepsUnder(page, 'A deployment under load');
    expect(steps).toHaveLength(1);
    const output = await terminal.run(here(steps[0]!.commands));
    expect(missingFrom(output, here(steps[0]!.shown))).toEqual([]);
    expect(output).not.toMatch(/Socket errors|Non-2xx/);
  },
  120_000,
);

it('registers beside a service that something else starts', async () => {
  const service = createServer((request, response) => {
    response.writeHead(request.url === '/healthz' ? 200 : 404).end();
  }).listen(0, '127.0.0.1');
  await once(service, 'listening');
  const { port } = service.address() as AddressInfo;
  const daemon = await startDaemon({ args: ['--warm-for', '0'] });
  try {
    const [step] = await stepsUnder(page, 'Commands');
    const terminal = open();
    await terminal.run(`alias bender="$PWD/bin/run.js"; export BENDER_SERVER=${daemon.url}`);
    await terminal.run(step!.commands.replace('8080', `${port} --host 127.0.0.1`));
    await eventually(async () => (await onlineAt(daemon.url)) === 1);
  } finally {
    service.close();
  }
});
