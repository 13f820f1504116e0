import { afterAll, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { startDaemon, stopDaemons } from '../helpers/daemon.js';

const failer = join(import.meta.dirname, '../fixtures/faults/fail-on-signal.cjs');

afterAll(stopDaemons);

it.each(['throw', 'reject'])(
  'a daemon in which something fails that nothing catches (%s) says so once, and ends with exit code 1',
  async (FAIL) => {
    const daemon = await startDaemon({ env: { NODE_OPTIONS: `--require=${failer}`, FAIL } });
    daemon.process.kill('SIGUSR2');
    const { exitCode, stderr } = await daemon.process;
    expect(exitCode).toBe(1);
    const told = stderr.split('\n').filter((line) => line.includes('nobody expected this'));
    expect(told).toHaveLength(1);
    expect(JSON.parse(told[0]!)).toMatchObject({
      level: 50,
      phase: 'running',
      doing: expect.stringContaining('nothing, after') as unknown,
      err: { message: 'nobody expected this' },
    });
  },
);
