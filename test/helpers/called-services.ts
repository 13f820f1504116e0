/** Services that tests call, as processes of their own. */

import { execa } from 'execa';
import { join } from 'node:path';
import { linesOf } from './cli.js';
import { eventually } from './eventually.js';

const program = join(import.meta.dirname, '../fixtures/called-service.mjs');

export interface CalledService {
  id: string;
  /** Drains, answers what it was asked, and ends. */
  stop(): Promise<void>;
  kill(): Promise<void>;
}

const running = new Set<CalledService>();

/** Starts an instance, and resolves when it is online. Ended by {@link stopCalledServices} at the latest. */
export async function startCalledService(version: string, servers: string[]): Promise<CalledService> {
  const child = execa(process.execPath, [program, version, ...servers], { reject: false, env: { NODE_OPTIONS: '' } });
  const lines = linesOf(child.stdout);
  const ended = child.then(({ stderr }) => {
    throw new Error(`the service ended: ${stderr}`);
  });
  ended.catch(() => undefined);
  const id = await Promise.race([eventually(() => lines[0]), ended]);
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    running.delete(service);
    child.kill(signal);
    await child;
  };
  const service: CalledService = { id, stop: () => end('SIGTERM'), kill: () => end('SIGKILL') };
  running.add(service);
  return service;
}

export async function stopCalledServices(): Promise<void> {
  await Promise.all([...running].map((service) => service.kill()));
}
