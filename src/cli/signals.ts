/** Signals to stop. */

import { outlivesTerminal } from './processes.js';

const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

const ignore = (): void => {};

/** Whether SIGHUP means a reload, as from a service manager, rather than a closed terminal. */
export const reloadsOnHangup = (): boolean => !process.stdin.isTTY;

/**
 * Settles with the first signal to stop; a second SIGINT or SIGTERM then ends the process as usual. A terminal that
 * closes sends SIGHUP more than once, and under nohup none is meant.
 *
 * @param hangup  whether SIGHUP is one of them
 */
export function stopSignal({ hangup = true } = {}): Promise<NodeJS.Signals> {
  if (!process.listeners('SIGHUP').includes(ignore)) process.on('SIGHUP', ignore);
  const names = stopSignals.filter((name) => name !== 'SIGHUP' || (hangup && !outlivesTerminal()));
  return new Promise((resolve) => {
    const stop = (signal: NodeJS.Signals): void => {
      for (const name of names) process.off(name, stop);
      resolve(signal);
    };
    for (const name of names) process.on(name, stop);
  });
}
