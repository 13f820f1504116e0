/** Being told to stop. */

const stopSignals = ['SIGINT', 'SIGTERM'] as const;

/** Settles with the first signal to stop; a second one then ends the process as usual. */
export function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    const stop = (signal: NodeJS.Signals): void => {
      for (const name of stopSignals) process.off(name, stop);
      resolve(signal);
    };
    for (const name of stopSignals) process.on(name, stop);
  });
}
