/**
 * Notifies systemd, for a unit with `Type=notify`, that the daemon serves, is well, reloads or stops.
 *
 * The protocol needs a Unix datagram socket, which Node does not have, so `systemd-notify` sends it. It is a process of
 * its own: the unit needs `NotifyAccess=all`.
 */

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { withoutSecrets } from '../model/secrets.js';

/** Runs systemd-notify with these arguments; rejects if it fails. */
type Send = (args: readonly string[]) => Promise<void>;

export interface ServiceManager {
  /** Whether there is one. */
  readonly isThere: boolean;
  /** The daemon serves. The first time, it begins to say again and again that it is well, if the unit wants that. */
  ready(status: string): void;
  /** Returns what calls `reload`, which reads files again, and says so before and when all such calls are done. */
  around(reload: () => Promise<void>): () => void;
  /** Resolves when that is sent, so that the process does not end before. */
  stopping(): Promise<void>;
}

interface Environment {
  NOTIFY_SOCKET?: string | undefined;
  WATCHDOG_USEC?: string | undefined;
  WATCHDOG_PID?: string | undefined;
}

/**
 * The service manager that `environment` names. A failure is told once: without messages systemd ends the daemon.
 *
 * @param onFailure  told in what way systemd-notify has failed
 */
export function serviceManager({
  environment = process.env,
  send = sendByProgram,
  onFailure = () => {},
}: { environment?: Environment; send?: Send; onFailure?: (how: string) => void } = {}): ServiceManager {
  if (!environment.NOTIFY_SOCKET)
    return { isThere: false, ready() {}, around: (reload) => () => void reload(), stopping: async () => {} };
  let last = Promise.resolve();
  let hasFailed = false;
  let reloading = 0;
  let isStopping = false;
  const tell = (...args: string[]): Promise<void> => {
    last = last.then(async () => {
      try {
        await send(args);
      } catch (error) {
        if (!hasFailed) onFailure((error as Error).message);
        hasFailed = true;
      }
    });
    return last;
  };
  let watchdog: NodeJS.Timeout | undefined;
  const beat = (): NodeJS.Timeout | undefined => {
    const everyMs = watchdogMs(environment) / 2;
    return everyMs > 0 ? setInterval(() => void tell('WATCHDOG=1'), everyMs).unref() : undefined;
  };
  return {
    isThere: true,
    ready(status) {
      watchdog ??= beat();
      void tell('READY=1', `STATUS=${status}`);
    },
    around: (reload) => () => {
      // The time tells systemd that this answers its own signal (Type=notify-reload).
      void tell('RELOADING=1', `MONOTONIC_USEC=${process.hrtime.bigint() / 1000n}`);
      reloading++;
      void reload().finally(() => {
        if (--reloading === 0 && !isStopping) void tell('READY=1');
      });
    },
    stopping() {
      isStopping = true;
      return tell('STOPPING=1');
    },
  };
}

/** ms within which systemd wants to hear that this process is well; 0 if it does not. */
function watchdogMs({ WATCHDOG_USEC: within = '0', WATCHDOG_PID: pid = String(process.pid) }: Environment): number {
  return pid === String(process.pid) && /^\d+$/.test(within) ? Number(within) / 1000 : 0;
}

const run = promisify(execFile);

const sendByProgram: Send = async (args) => {
  await run('systemd-notify', args, { env: withoutSecrets(process.env), timeout: 5000 });
};
