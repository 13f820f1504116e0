import { afterEach, describe, expect } from '@jest/globals';
import { join } from 'node:path';
import { run } from '../../helpers/cli.js';
import { eventually } from '../../helpers/eventually.js';
import { examples } from './haproxy.js';
import type { RunningProgram } from './programs.js';
import { freePort, itWith, startProgram } from './programs.js';

let running: RunningProgram | undefined;
afterEach(async () => {
  running?.kill('SIGTERM');
  await running;
});

/** A port after which nine more are likely to be free. */
const firstPort = async (): Promise<number> => Math.min(await freePort(), 65_000);

describe.each<[string, string[]]>([
  ['haproxy', []],
  ['haproxy', ['runtime']],
  ['nginx', []],
])('the example of %s with %j', (name, args) => {
  itWith([name])('shows a deployment', () => showsDeployment(name, args), 120_000);
});

async function showsDeployment(name: string, args: string[]): Promise<void> {
  const port = await firstPort();
  running = startProgram(join(examples, name, 'run.sh'), args, { PORT: String(port) });
  const served = async (): Promise<string> => (await fetch(`http://127.0.0.1:${port + 9}/`)).text();
  await eventually(async () => (await served()).startsWith('this is web/1.0.0/'), { withinMs: 30_000 });
  const server = `http://127.0.0.1:${port + 1}`;
  const { exitCode } = await run(['deploy', 'web', '--version', '2.0.0'], { server });
  expect(exitCode).toBe(0);
  await eventually(async () => (await served()).startsWith('this is web/2.0.0/'));
  running.kill('SIGTERM');
  expect((await running).exitCode).toBe(0);
}
