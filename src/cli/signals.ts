/** Being told to stop. */

import { outlivesTerminal } from './processes.js';

const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

const ignore = (): void => {};

/**
 * Settles with the first signal to stop; a second SIGINT or SIGTERM then ends the process as usual. A terminal that closes
 * sends SIGHUP more than once, and under nohup none is meant.
 */
export function stopSignal(): Promise<NodeJS.Signals> {
  if (!process.listeners('SIGHUP').includes(ignore)) process.on('SIGHUP', ignore);
  const names = stopSignals.filter((name) => name !== 'SIGHUP' || !outlivesTerminal());
  return new Promise((resolve) => {
    const stop = (signal: NodeJS.Signals): void => {
      for (const name of names) process.off(name, stop);
      resolve(signal);
    };
    for (const name of names) process.on(name, stop);
  });
}
