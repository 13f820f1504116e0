import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { launch, type NotStartedError } from '../../../../src/cli/detached/launch.js';
import { birthOf } from '../../../../src/cli/processes.js';
import { eventually } from '../../../helpers/eventually.js';

let folder: string;
let log: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bender-launch-'));
  log = join(folder, 'state', 'x.log');
});
afterAll(() => rm(folder, { recursive: true }));

const node = (script: string, timeoutMs = 60_000) => launch({ args: ['-e', script], log, timeoutMs });

it('resolves with what the daemon tells, and leaves it running', async () => {
  const { pid, ...told } = await node("process.send({ port: 7, line: 'here' }); setInterval(() => {}, 1000)");
  expect(told).toEqual({ port: 7, line: 'here' });
  expect(birthOf(pid)).toBeDefined();
  process.kill(pid, 'SIGKILL');
  await eventually(() => birthOf(pid) === undefined);
});

it('rejects with the last lines of this start when it ends, and with its exit code', async () => {
  await appendFile(log, 'of an earlier start\n');
  const failing = node(
    "for (let i = 0; i < 9; i++) console.error('line', i); console.log('Error: why'); process.exit(5)",
  );
  await expect(failing).rejects.toMatchObject({
    code: 'NAME_TAKEN',
    message: 'it ended with exit code 5: why',
    lastLines: ['line 5', 'line 6', 'line 7', 'line 8', 'Error: why'],
  });
  await expect(node('process.exit(0)')).rejects.toMatchObject({ code: 'INTERNAL', lastLines: [] });
});

it.each([
  ['has written much', "console.log('x'.repeat(200_000)); console.log('why'); process.exitCode = 1", 'why'],
  ['has lost its log', `require('node:fs').rmSync(${JSON.stringify('LOG')}); process.exitCode = 1`, 'it said nothing'],
])('rejects in the same way when it %s', async (_, script, why) => {
  const message = `it ended with exit code 1: ${why}`;
  const failure: unknown = await node(script.replace('LOG', log)).catch((error: unknown) => error);
  expect(failure).toMatchObject({ message });
  expect((failure as NotStartedError).lastLines.join('').length).toBeLessThan(70_000);
});

it('stops one that takes too long', async () => {
  const script = `require('node:fs').writeFileSync(${JSON.stringify(join(folder, 'pid'))}, String(process.pid));
    setInterval(() => {}, 1000)`;
  await expect(node(script, 2000)).rejects.toMatchObject({ code: 'TIMED_OUT' });
  const pid = Number(await readFile(join(folder, 'pid'), 'utf8'));
  await eventually(() => birthOf(pid) === undefined);
});
