/** Health checks of an instance, by the process that holds its registration. */

import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import { InvalidError } from '../model/errors.js';
import { problemText } from '../model/problem-text.js';
import type { Address } from '../model/registration.js';
import { hostPort } from '../model/registration.js';
import { withoutCredentials, withoutSecrets } from '../model/secrets.js';
import { credentialsIn } from './credentials.js';
import { exchange } from './http.js';
import type { Timers } from './timers.js';

/** Checks the instance once. Rejects if it is unhealthy. */
export type Probe = (signal: AbortSignal) => Promise<void>;

export interface HealthCheck {
  /**
   * How the instance is checked: `tcp` (its port accepts connections), `http://HOST:PORT/PATH` or `http:/PATH` at its
   * own address (2xx or 3xx is healthy), `exec:CMD` in a shell (exit code 0), or a function that rejects with what is
   * wrong.
   */
  check: string | Probe;
  /** Milliseconds from one check to the next; default 2000. */
  intervalMs?: number | undefined;
  /** Milliseconds that one check may take; default 1000. */
  timeoutMs?: number | undefined;
  /**
   * Failures in a row after which it is unhealthy; default 3. A higher value keeps a dead instance online for longer.
   */
  fails?: number | undefined;
  /** Passes in a row after which it is healthy again; default 1. */
  passes?: number | undefined;
}

/** The timeout of the connection. Checks have a shorter one of their own. */
const longestMs = 600_000;

/** Parses a check. Throws InvalidError for a text that is none. */
export function probeOf(check: string | Probe, where: Pick<Address, 'host' | 'port'>): Probe {
  if (typeof check !== 'string') return check;
  if (check === 'tcp') return tcp(where);
  if (/^https?:\/(?!\/)/.test(check)) return http(check.replace(':/', `://${hostPort(where)}/`));
  if (/^https?:\/\/./.test(check) && URL.canParse(check)) return http(check);
  if (check.startsWith('exec:') && check.length > 5) return exec(check.slice(5));
  throw new InvalidError(
    `a check must be tcp, http://HOST/PATH, http:/PATH or exec:CMD, not '${withoutCredentials(check)}'`,
  );
}

/** Checks until `signal` aborts, and reports the problem, or null, whenever the health changes. */
export async function runChecks(
  probe: Probe,
  { intervalMs = 2000, timeoutMs = 1000, fails = 3, passes = 1 }: Omit<HealthCheck, 'check'>,
  report: (unhealthy: string | null) => void,
  timers: Timers,
  signal: AbortSignal,
): Promise<void> {
  let isHealthy = true;
  let inARow = 0;
  for (;;) {
    await timers.sleep(intervalMs, signal);
    if (signal.aborted) return;
    const problem = await problemOf(probe, timeoutMs, timers);
    if (signal.aborted) return;
    if ((problem === undefined) === isHealthy) inARow = 0;
    else if (++inARow >= (isHealthy ? fails : passes)) {
      isHealthy = !isHealthy;
      inARow = 0;
      report(problem ?? null);
    }
  }
}

/** The problem; undefined if the check passes. */
async function problemOf(probe: Probe, timeoutMs: number, timers: Timers): Promise<string | undefined> {
  const over = new AbortController();
  const late = timers.sleep(timeoutMs, over.signal).then(() => `no answer within ${timeoutMs} ms`);
  // A function of the program may throw at once.
  const checked = (async () => probe(over.signal))().then(
    () => undefined,
    (error: unknown) => problemText(error),
  );
  try {
    return await Promise.race([checked, late]);
  } finally {
    over.abort();
  }
}

const tcp =
  (where: Pick<Address, 'host' | 'port'>): Probe =>
  (signal) =>
    new Promise((resolve, reject) => {
      const socket = connect(where);
      const end = (settle: () => void): void => {
        socket.destroy();
        settle();
      };
      signal.addEventListener('abort', () => end(() => reject(new Error('aborted'))));
      socket.once('connect', () => end(resolve));
      socket.once('error', (error: NodeJS.ErrnoException) =>
        end(() => reject(new Error(`tcp ${hostPort(where)}: ${error.code ?? error.message}`))),
      );
      socket.on('error', () => undefined);
    });

const http =
  (text: string): Probe =>
  async (signal) => {
    const url = new URL(text);
    const shown = withoutCredentials(text);
    const request = {
      method: 'GET',
      path: url.pathname + url.search,
      timeoutMs: longestMs,
      signal,
      headers: { accept: '*/*', ...credentialsIn(url) },
    } as const;
    const { status } = await exchange(url.origin, request).catch((error: NodeJS.ErrnoException) => {
      throw new Error(`${shown}: ${error.code ?? error.message}`);
    });
    if (status < 200 || status >= 400) throw new Error(`${shown}: ${status}`);
  };

const exec =
  (command: string): Probe =>
  (signal) =>
    new Promise((resolve, reject) => {
      const child = spawn(command, {
        shell: true,
        detached: true,
        stdio: ['ignore', 'pipe', 'pipe'],
        env: withoutSecrets(process.env),
      });
      let said = '';
      const hear = (chunk: Buffer): void => {
        said = (said + chunk.toString()).slice(-1024);
      };
      child.stdout.on('data', hear);
      child.stderr.on('data', hear);
      signal.addEventListener('abort', () => {
        try {
          if (child.exitCode === null && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
        } catch {
          // It has ended already.
        }
      });
      child.once('error', reject);
      child.once('exit', (code, ended) => {
        if (code === 0) return resolve();
        const lastLine = said.trim().split('\n').at(-1) ?? '';
        reject(new Error([ended ? `ended by ${ended}` : `exit code ${code}`, lastLine].filter(Boolean).join(': ')));
      });
    });
