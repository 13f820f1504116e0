/** Programs that are not ours: whether they are here, and how they are run. */

import { execFileSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
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

export function isInstalled(program: string): boolean {
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
  return execa(program, args, { all: true, reject: false, extendEnv: false, env: withSbin(env) });
}

export type RunningProgram = ReturnType<typeof startProgram>;

/**
 * The first of `count` ports in a row that nobody listens on right now. They are below those that the system gives to
 * outgoing connections and to programs that ask for any port: one that takes seconds to listen finds them free still.
 */
export async function freePorts(count = 1): Promise<number> {
  for (;;) {
    const first = randomInt(10_000, 32_768 - count);
    const ports = Array.from({ length: count }, (_, offset) => first + offset);
    if ((await Promise.all(ports.map(isFree))).every(Boolean)) return first;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}
