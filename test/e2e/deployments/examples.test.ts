import { afterEach, describe, expect } from '@jest/globals';
import { join } from 'node:path';
import { run } from '../../helpers/cli.js';
import { eventually } from '../../helpers/eventually.js';
import { examples } from './haproxy.js';
import type { RunningProgram } from './programs.js';
import { freePorts, itWith, startProgram } from './programs.js';

let running: RunningProgram | undefined;
afterEach(async () => {
  running?.kill('SIGTERM');
  await running;
});

describe.each<[string, string[]]>([
  ['haproxy', []],
  ['haproxy', ['runtime']],
  ['nginx', []],
])('the example of %s with %j', (name, args) => {
  itWith([name])('shows a deployment', () => showsDeployment(name, args), 120_000);
});

async function showsDeployment(name: string, args: string[]): Promise<void> {
  const port = await freePorts(10);
  running = startProgram(join(examples, name, 'run.sh'), args, { PORT: String(port) });
  const served = async (): Promise<string> => (await fetch(`http://127.0.0.1:${port + 9}/`)).text();
  let said = '';
  running.all.on('data', (chunk) => (said += String(chunk)));
  await eventually(async () => (await served()).startsWith('this is web/1.0.0/'), { withinMs: 60_000 }).catch(
    (cause: unknown) => {
      throw new Error(`${name}/run.sh serves nothing; it said:\n${said}`, { cause });
    },
  );
  const server = `http://127.0.0.1:${port + 1}`;
  const { exitCode } = await run(['deploy', 'web', '--version', '2.0.0'], { server });
  expect(exitCode).toBe(0);
  await eventually(async () => (await served()).startsWith('this is web/2.0.0/'));
  running.kill('SIGTERM');
  expect((await running).exitCode).toBe(0);
}
