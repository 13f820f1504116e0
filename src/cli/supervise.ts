/**
 * A program and its registration.
 *
 * What always holds:
 * 1. It is registered only once it is ready.
 * 2. It is deregistered before it gets the signal to stop, so that no caller is sent to it while it shuts down.
 * 3. If it is to drain first, it is deregistered when it has, or at a second signal.
 * 4. When it ends, for whatever reason, it is deregistered.
 * 5. None of its processes is left when this ends: those that do not end on a signal are killed, with a message.
 */

import type { Lease } from '../client/index.js';
import type { Ending, LastWords, Program } from './program.js';

export interface Supervised {
  program: Pick<Program, 'ended' | 'hasReached' | 'signal' | 'wasSent' | 'remaining' | 'end' | 'killAfter' | 'release'>;
  /** Settles when the program may be registered, or once `over` aborts; rejects to give up. */
  ready: (over: AbortSignal) => Promise<void>;
  /** How readiness is checked, for people; undefined if the program is registered at once. */
  readiness?: string | undefined;
  /** Begins to hold the registration. */
  hold: () => Pick<Lease, 'ready' | 'stop' | 'drain'>;
  /** Drains before the program gets the signal to stop; resolves when that is done, or once `cut` aborts. */
  drain?: ((lease: Pick<Lease, 'drain'>, cut: AbortSignal) => Promise<void>) | undefined;
  /** How long the program may take to end after the signal. */
  killAfterMs: number;
  /** Whether its address still answers, now that it has ended. */
  stillAnswers: () => Promise<boolean>;
  /** Called with messages for people. */
  tell: (message: string) => void;
  /** Told why the program was given up, before it is ended. Returns the exit code. */
  onGiveUp: (error: unknown) => Promise<number>;
  /** Told why the registration could not be ended; it lapses with its TTL. */
  onStopFailure: (error: unknown) => void;
}

const stopSignals: NodeJS.Signals[] = ['SIGINT', 'SIGTERM'];
const otherSignals: NodeJS.Signals[] = ['SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'];

/**
 * Sees a program through to its end and returns its exit code. Passes signals on to it. If it does not become ready, or
 * its registration is refused, it is ended.
 */
export async function supervise(supervised: Supervised): Promise<number> {
  const { program, ready, readiness, hold, drain, killAfterMs, tell } = supervised;
  const over = new AbortController();
  const drained = new AbortController();
  let isDraining = false;
  let stopping: NodeJS.Signals | undefined;
  let killed: Promise<void> | undefined;
  let lease: ReturnType<typeof hold> | undefined;
  let isRegistered = false;
  void program.ended.then(() => {
    over.abort();
    drained.abort();
  });

  let released: Promise<void> | undefined;
  const release = async (): Promise<void> => {
    if (lease) await (released ??= lease.stop().catch(isRegistered ? supervised.onStopFailure : () => undefined));
  };
  const words: LastWords = {
    onWait: (pids) => tell(`waiting for CMD (${listOf(pids)}) to end`),
    onKill: (pids) => tell(`CMD has not ended ${killAfterMs / 1000} s after it was told to: killing ${listOf(pids)}`),
  };

  const stopPassing = onSignals(async (signal) => {
    const hasReached = program.hasReached(signal);
    const isStop = stopSignals.includes(signal);
    if (isStop && isDraining) return drained.abort(); // The first one is on its way.
    if (isStop && !over.signal.aborted) {
      over.abort();
      stopping = signal;
      if (drain && lease) {
        isDraining = true;
        await drain(lease, drained.signal);
        isDraining = false;
      }
      await release();
    }
    if (!(await hasReached)) program.signal(signal);
    if (isStop) killed ??= program.killAfter(killAfterMs, words);
  });
  const register = async (): Promise<void> => {
    await ready(over.signal);
    if (over.signal.aborted) return;
    lease = hold();
    try {
      await lease.ready;
      isRegistered = true;
    } catch (error) {
      if (!over.signal.aborted) throw error;
    }
  };

  /** The message about the end of the program, and the resulting exit code. */
  const judge = async (ending: Ending): Promise<number> => {
    const how = howItEnded(ending);
    if (isDraining) tell(`CMD ${how} before its drain was over: bender had not stopped it yet`);
    else if (ending.signal && !program.wasSent(ending.signal)) tell(`CMD ${how}, which bender did not send`);
    if (stopping) return ending.code;
    if (lease === undefined && readiness !== undefined) {
      tell(`CMD ${how} before ${readiness}: it was not registered`);
      return ending.code || 1;
    }
    if (lease && program.remaining().length > 0 && (await supervised.stillAnswers()))
      tell(`CMD ${how}, but its port still answers: a service has to run in the foreground`);
    return ending.code;
  };

  try {
    await Promise.race([register(), program.ended]);
    const ending = await program.ended;
    const code = await judge(ending);
    await release();
    if (!stopping && program.remaining().length > 0)
      tell(`ending what CMD has left running: ${listOf(program.remaining())}`);
    await (killed ?? (stopping ? undefined : program.end(killAfterMs, words)));
    return code;
  } catch (error) {
    const code = await supervised.onGiveUp(error);
    await program.end(killAfterMs, words);
    return code;
  } finally {
    await release();
    program.release();
    stopPassing();
  }
}

const howItEnded = ({ code, signal }: Ending): string =>
  signal ? `was ended by ${signal}` : `ended (exit code ${code})`;

const listOf = (pids: number[]): string =>
  `${pids.length === 1 ? 'process' : 'processes'} ${pids.slice(0, 5).join(', ')}${pids.length > 5 ? ', …' : ''}`;

function onSignals(handle: (signal: NodeJS.Signals) => Promise<void>): () => void {
  const signals = [...stopSignals, ...otherSignals];
  const listener = (signal: NodeJS.Signals): void => void handle(signal);
  for (const signal of signals) process.on(signal, listener);
  return () => {
    for (const signal of signals) process.off(signal, listener);
  };
}
