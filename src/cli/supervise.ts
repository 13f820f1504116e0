/**
 * A program and its registration.
 *
 * What always holds:
 * 1. It is registered only once it is ready.
 * 2. It is deregistered before it is told to stop, so that nobody is sent to it while it shuts down.
 * 3. Where it is to drain first, it is deregistered when it has, or at a second signal.
 * 4. When it ends, for whatever reason, it is deregistered.
 */

import type { Lease } from '../client/lease.js';
import type { Program } from './program.js';

export interface Supervised {
  program: Pick<Program, 'exited' | 'signal'>;
  /** Settles when the program may be registered, or once `over` aborts; rejects to give up. */
  ready: (over: AbortSignal) => Promise<void>;
  /** Begins to hold the registration. */
  hold: () => Pick<Lease, 'ready' | 'stop' | 'drain'>;
  /** Drains before the program is told to stop; settles when that is done, or once `cut` aborts. */
  drain?: ((lease: Pick<Lease, 'drain'>, cut: AbortSignal) => Promise<void>) | undefined;
  /** Told why the registration could not be ended; it lapses with its TTL. */
  onStopFailure: (error: unknown) => void;
}

const stopSignals: NodeJS.Signals[] = ['SIGINT', 'SIGTERM'];
const otherSignals: NodeJS.Signals[] = ['SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'];
/** A terminal sends these to everything that runs on it, hence to the program too. */
const terminalSignals: NodeJS.Signals[] = ['SIGINT', 'SIGQUIT'];

/**
 * Sees a program through to its end and answers its exit code. Passes signals on to it. Where it does not
 * become ready, or its registration is refused, it is ended and the error thrown.
 */
export async function supervise({ program, ready, hold, drain, onStopFailure }: Supervised): Promise<number> {
  const over = new AbortController();
  const drained = new AbortController();
  let draining = false;
  void program.exited.then(() => {
    over.abort();
    drained.abort();
  });
  let lease: ReturnType<typeof hold> | undefined;

  const release = async (): Promise<void> => lease?.stop().catch(onStopFailure);
  const stopPassing = onSignals(async (signal) => {
    if (stopSignals.includes(signal) && draining) return drained.abort(); // The first one is on its way.
    if (stopSignals.includes(signal) && !over.signal.aborted) {
      over.abort();
      if (drain && lease) {
        draining = true;
        await drain(lease, drained.signal);
        draining = false;
      }
      await release();
    }
    if (!(process.stdin.isTTY && terminalSignals.includes(signal))) program.signal(signal);
  });
  const register = async (): Promise<void> => {
    await ready(over.signal);
    if (over.signal.aborted) return;
    lease = hold();
    await lease.ready.catch((error: unknown) => {
      if (!over.signal.aborted) throw error;
    });
  };

  try {
    await Promise.race([register(), program.exited]);
    return await program.exited;
  } catch (error) {
    program.signal('SIGTERM');
    await program.exited;
    throw error;
  } finally {
    await release();
    stopPassing();
  }
}

function onSignals(handle: (signal: NodeJS.Signals) => Promise<void>): () => void {
  const signals = [...stopSignals, ...otherSignals];
  const listener = (signal: NodeJS.Signals): void => void handle(signal);
  for (const signal of signals) process.on(signal, listener);
  return () => {
    for (const signal of signals) process.off(signal, listener);
  };
}
