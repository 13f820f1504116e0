import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { terminate } from '../../../../src/cli/detached/terminate.js';
import { birthOf } from '../../../../src/cli/processes.js';

let child: ChildProcess;
beforeEach(() => void (child = spawn('sleep', ['60'])));
afterEach(() => void child.kill('SIGKILL'));

it('ends the process', async () => {
  const pid = child.pid!;
  expect(await terminate({ pid, birth: birthOf(pid)! }, 10_000)).toBe(true);
  expect(birthOf(pid)).toBeUndefined();
});

it('sends nothing to another process that has the pid by now', async () => {
  expect(await terminate({ pid: child.pid!, birth: 'another-boot 5' }, 10_000)).toBe(true);
  expect(birthOf(child.pid!)).toBeDefined();
});

it('takes one that has ended already for ended', async () => {
  const pid = child.pid!;
  const birth = birthOf(pid)!;
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(await terminate({ pid, birth }, 10_000)).toBe(true);
});
