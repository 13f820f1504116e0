import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PidFile } from '../../../../src/cli/detached/pid-file.js';
import { birthOf } from '../../../../src/cli/processes.js';

let folder: string;
let file: PidFile;
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'bender-pid-')), 'not', 'there');
  file = new PidFile(folder, 1729);
});
afterEach(() => rmSync(join(folder, '../..'), { recursive: true }));

it('says which process runs on a port', () => {
  expect(file.running()).toBeUndefined();
  file.write(process.pid);
  expect(file.running()).toEqual({ pid: process.pid, birth: birthOf(process.pid) });
  expect(readdirSync(folder)).toEqual(['1729.pid']);
  new PidFile(folder, 80).write(process.pid);
  expect(PidFile.ports(folder)).toEqual([80, 1729]);
});

it('says nothing of a process that has ended', async () => {
  const child = spawn('sleep', ['60']);
  file.write(child.pid!);
  expect(file.running()?.pid).toBe(child.pid);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(file.running()).toBeUndefined();
  expect(PidFile.ports(folder)).toEqual([]);
});

it.each([
  ['another process has the pid by now', `${process.pid}\nanother-boot 5\n`],
  ['it was never written whole', `${process.pid}`],
  ['it is something else', 'hello\n'],
])('says nothing when %s', (_, text) => {
  file.write(process.pid);
  writeFileSync(file.path, text);
  expect(file.running()).toBeUndefined();
});

it('is removed by the process that it names, and by no other', () => {
  file.write(process.pid);
  file.remove(process.pid + 1);
  expect(readFileSync(file.path, 'utf8')).toMatch(`${process.pid}\n`);
  file.remove(process.pid);
  expect(existsSync(file.path)).toBe(false);
});
