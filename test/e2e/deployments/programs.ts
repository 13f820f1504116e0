/** Programs that are not ours: whether they are here, and how they are run. */

import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { it } from '@jest/globals';
import { execa } from 'execa';

type TestFunction = (name: string, run: () => Promise<void>, timeoutMs?: number) => void;

/** `it`, or a skipped test that says what is missing. */
export function itWith(programs: string[]): TestFunction {
  const missing = programs.filter((program) => !isInstalled(program));
  return (name, run, timeoutMs) =>
    missing.length === 0
      ? it(name, run, timeoutMs)
      : it.skip(`${name} (not installed: ${missing.join(', ')})`, run, timeoutMs);
}

function isInstalled(program: string): boolean {
  try {
    execFileSync('sh', ['-c', `command -v ${program}`], { env: withSbin() });
    return true;
  } catch {
    return false;
  }
}

/** Servers are often installed where only root looks for programs. */
export const withSbin = (env: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({
  ...process.env,
  PATH: `${process.env.PATH}:/usr/local/sbin:/usr/sbin:/sbin`,
  ...env,
});

export function startProgram(program: string, args: string[], env: NodeJS.ProcessEnv = {}) {
  return execa(program, args, { reject: false, extendEnv: false, env: withSbin(env) });
}

export type RunningProgram = ReturnType<typeof startProgram>;

/** A port that nobody listens on right now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
