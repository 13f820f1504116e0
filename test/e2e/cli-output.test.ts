/** Outputs that take nothing. */

import { afterAll, expect, it } from '@jest/globals';
import { execa } from 'execa';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { startDaemon, stopDaemons } from '../helpers/daemon.js';
import { eventually } from '../helpers/eventually.js';

const bender = join(import.meta.dirname, '../../bin/run.js');
const start = (args: string) =>
  execa('sh', ['-c', `exec "$0" "$1" ${args}`, process.execPath, bender], { reject: false });

afterAll(stopDaemons);

// Where every write fails with ENOSPC; only Linux has it.
const onLinux = existsSync('/dev/full') ? it : it.skip;

onLinux('a command says in one line that the disk is full, and fails', async () => {
  const { url } = await startDaemon({ args: ['--warm-for', '0'] });
  const { stderr, exitCode } = await start(`ls daemons --server ${url} >/dev/full`);
  expect(stderr).toBe('Error: cannot write to stdout: ENOSPC: no space left on device, write');
  expect(exitCode).toBe(1);
});

onLinux('a daemon goes on', async () => {
  const { url } = await startDaemon();
  const port = 20_000 + (Number(new URL(url).port) % 10_000);
  const child = start(`serve --port ${port} --log-format json >/dev/full`);
  await eventually(async () => (await fetch(`http://127.0.0.1:${port}/livez`).catch(() => undefined))?.ok);
  child.kill('SIGTERM');
  await child;
});
