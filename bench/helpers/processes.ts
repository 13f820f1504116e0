/** Servers as processes of their own on loopback: daemons, and what they are compared with. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Status } from '../../src/model/daemon.js';
import { freePort } from '../../test/helpers/free-port.js';
import { Meter } from './meter.js';
import { profiled } from './options.js';
import { Requests } from './requests.js';

const root = new URL('../../../../', import.meta.url);

/** The program as it is installed: BENDER_BIN measures another build of it. */
export const program = process.env.BENDER_BIN ?? fileURLToPath(new URL('bin/run.js', root));

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export interface ServerProcess {
  port: number;
  /** Where it listens itself. */
  url: string;
  pid: number;
  requests: Requests;
  overTls?: boolean | undefined;
  /** ms from the start of the process until it said that it serves; a daemon has then joined. */
  startedIn: number;
  stop(): Promise<void>;
}

export interface ServerOptions {
  env?: Record<string, string>;
  port?: number;
  /** Whether it speaks TLS. */
  overTls?: boolean | undefined;
  /** What is in the line by which it says that it serves; by default that is its first line. */
  says?: string;
  /** Settles once it serves, for a program that says nothing. */
  ready?: (port: number) => Promise<unknown>;
  /** Hears every line that it prints. */
  onLine?: (line: string) => void;
}

/** A program that is told a port. */
export async function startServer(
  command: string,
  args: (port: number) => readonly string[],
  { env = {}, port, overTls = false, says = '', ready, onLine }: ServerOptions = {},
): Promise<ServerProcess> {
  port ??= await freePort();
  const begun = performance.now();
  const child = spawn(command, args(port), {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_ENV: 'production', ...env },
  });
  running.add(child);
  const ended = once(child, 'exit').then(([code]) => {
    running.delete(child);
    throw new Error(`a server ended with ${String(code)}`);
  });
  ended.catch(() => undefined);
  const lines = createInterface(child.stdout);
  if (onLine) lines.on('line', onLine);
  const saidSo = new Promise<void>((resolve) =>
    lines.on('line', (line) => {
      if (line.includes(says)) resolve();
    }),
  );
  const serving = ready?.(port) ?? saidSo;
  serving.catch(() => undefined);
  await Promise.race([serving, ended]);
  const startedIn = performance.now() - begun;
  child.stdout.resume();
  const requests = new Requests(port, undefined, undefined, overTls);
  return {
    port,
    overTls,
    url: `${overTls ? 'https' : 'http'}://127.0.0.1:${port}`,
    pid: child.pid!,
    requests,
    startedIn,
    stop: async () => {
      requests.close();
      child.kill('SIGTERM');
      await ended.catch(() => undefined);
    },
  };
}

export interface DaemonOptions {
  /** URLs of daemons to join. */
  peers?: readonly string[];
  args?: readonly string[];
  /** A module to load ahead of it. */
  preload?: URL;
  env?: Record<string, string>;
  /** Whether its `args` have it speak TLS. */
  overTls?: boolean;
}

export function startDaemon({ env = {}, overTls, ...options }: DaemonOptions = {}): Promise<ServerProcess> {
  return startServer(process.execPath, (port) => daemonArguments(port, options), { env, overTls });
}

function daemonArguments(port: number, { peers = [], args = [], preload }: DaemonOptions): string[] {
  const profiling = profiled ? ['--cpu-prof', `--cpu-prof-dir=${fileURLToPath(new URL('.bench/profiles', root))}`] : [];
  const flags = ['--port', String(port), '--name', `bench-${port}`, '--log-level', 'warn'];
  const preloading = preload ? ['--import', preload.href] : [];
  return [...profiling, ...preloading, program, 'serve', ...flags, ...peers.flatMap((url) => ['--peer', url]), ...args];
}

/** A daemon, which its peers reach through a {@link Meter}. */
export interface MeteredDaemon extends ServerProcess {
  meter: Meter;
}

export async function startMeteredDaemon({ peers, args = [] }: DaemonOptions = {}): Promise<MeteredDaemon> {
  const port = await freePort();
  const meter = await Meter.open(port);
  const metered = { ...(peers && { peers }), args: ['--advertise', meter.url, ...args] };
  const daemon = await startServer(process.execPath, (port) => daemonArguments(port, metered), { port });
  return {
    ...daemon,
    meter,
    stop: async () => {
      await daemon.stop();
      meter.close();
    },
  };
}

/** So many daemons that have heard of each other. */
export async function startCluster(size: number): Promise<ServerProcess[]> {
  const first = await startDaemon();
  const daemons = [first];
  while (daemons.length < size) daemons.push(await startDaemon({ peers: [first.url] }));
  await eventually(async () => {
    for (const daemon of daemons) if ((await status(daemon)).counts.daemons !== size) return false;
    return true;
  });
  return daemons;
}

export const stopAll = async (servers: readonly ServerProcess[]): Promise<void> => {
  await Promise.all(servers.map((server) => server.stop()));
};

export type ReferenceKind = 'bare' | 'express' | 'matching';

/** One of helpers/reference-server.ts. It answers with `body`, or with so many bytes. */
export function startReference(kind: ReferenceKind, body: string | number = ''): Promise<ServerProcess> {
  const file = fileURLToPath(new URL('reference-server.js', import.meta.url));
  return startServer(process.execPath, (port) => [file, kind, String(port)], {
    env: typeof body === 'number' ? { BODY_LENGTH: String(body) } : { BODY: body },
  });
}

/** So many of helpers/relay-server.ts; the first passes on to the others what it is sent. */
export async function startRelays(count: number): Promise<ServerProcess[]> {
  const file = fileURLToPath(new URL('relay-server.js', import.meta.url));
  const start = (peers: readonly ServerProcess[]): Promise<ServerProcess> =>
    startServer(process.execPath, (port) => [file, String(port)], {
      env: { PEERS: peers.map(({ url }) => url).join(' ') },
    });
  const others = await Promise.all(Array.from({ length: count - 1 }, () => start([])));
  return [await start(others), ...others];
}

export const status = async ({ requests }: ServerProcess): Promise<Status> =>
  JSON.parse((await requests.send('GET', '/status')).body) as Status;

/** Until it is so; throws after 60 s. */
export async function eventually(isSo: () => Promise<boolean>, everyMs = 5): Promise<void> {
  const until = performance.now() + 60_000;
  while (!(await isSo())) {
    if (performance.now() > until) throw new Error('that did not come about within 60 s');
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}

/** Until something accepts connections there. */
export const listening = (port: number): Promise<void> =>
  eventually(
    () =>
      new Promise((resolve) => {
        const socket = connect(port, '127.0.0.1', () => {
          // Where nobody listens, a socket may find itself.
          resolve(socket.localPort !== port);
          socket.destroy();
        });
        socket.on('error', () => resolve(false));
      }),
  );
