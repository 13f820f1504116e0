/**
 * Signals that end the services of this process, in one place for all of them.
 *
 * What always holds:
 * 1. Each signal has at most one listener, however many services there are, and none when the last one has ended.
 * 2. The first signal stops all services that it is for; a repeated one hurries them.
 * 3. When they have ended, the process ends by that signal, as it would have without them. If the program listens for
 *    the signal itself, the end of the process is left to it.
 */

import { constants } from 'node:os';
import { warn } from '../warnings.js';

export interface Stoppable {
  stop(reason: string): Promise<void>;
  /** Cuts short what it waits for. */
  hurry(): void;
}

/** The part of `process` that is used. */
export type Signalled = Pick<NodeJS.Process, 'on' | 'off' | 'listenerCount' | 'kill' | 'pid' | 'exit'>;

export class StopSignals {
  readonly #services = new Map<NodeJS.Signals, Set<Stoppable>>();
  readonly #stopping = new Set<Stoppable>();

  constructor(private readonly program: Signalled) {}

  /** Returns a function that ends that. */
  stopOn(signals: readonly NodeJS.Signals[], service: Stoppable): () => void {
    for (const signal of signals) {
      const services = this.#services.get(signal);
      if (services) services.add(service);
      else {
        this.#services.set(signal, new Set([service]));
        this.program.on(signal, this.#onSignal);
      }
    }
    return () => this.#forget(signals, service);
  }

  #forget(signals: readonly NodeJS.Signals[], service: Stoppable): void {
    this.#stopping.delete(service);
    for (const signal of signals) {
      const services = this.#services.get(signal);
      if (!services?.delete(service) || services.size > 0) continue;
      this.#services.delete(signal);
      this.program.off(signal, this.#onSignal);
    }
  }

  readonly #onSignal = (signal: NodeJS.Signals): void => {
    const services = [...(this.#services.get(signal) ?? [])];
    const isFirst = services.every((service) => !this.#stopping.has(service));
    for (const service of services) {
      if (this.#stopping.has(service)) service.hurry();
      this.#stopping.add(service);
    }
    if (!isFirst) return;
    // A service forgets its signals when it has ended.
    Promise.all(services.map((service) => service.stop(`stopping: ${signal}`)))
      .then(() => this.#end(signal))
      .catch(warn);
  };

  #end(signal: NodeJS.Signals): void {
    const { program } = this;
    if (program.listenerCount(signal) > 0) return;
    // The first process of a container does not end by a signal that it sends itself.
    if (program.pid === 1) program.exit(128 + constants.signals[signal]);
    program.kill(program.pid, signal);
  }
}

export const stopSignals = new StopSignals(process);
