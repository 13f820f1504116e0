/** Real daemons as processes on loopback, and what the system knows about them. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Socket, connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Status } from '../../src/model/daemon.js';
import { Requests } from './requests.js';

/** The program as it is installed: BENDER_BIN measures another build of it. */
const program = process.env.BENDER_BIN ?? fileURLToPath(new URL('../../../../bin/run.js', import.meta.url));

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** A daemon, which its peers reach through a {@link Meter}. */
export interface DaemonProcess {
  /** Where it listens itself. */
  url: string;
  pid: number;
  requests: Requests;
  /** ms from the start of the process until it has joined and serves. */
  startedIn: number;
  meter: Meter;
  stop(): Promise<void>;
}

export async function startDaemon(
  peers: readonly string[] = [],
  args: readonly string[] = [],
): Promise<DaemonProcess> {
  const port = await freePort();
  const meter = await Meter.open(port);
  const flags = ['--port', String(port), '--advertise', meter.url, '--name', `soak-${port}`];
  const begun = performance.now();
  const child = spawn(
    process.execPath,
    [program, 'serve', ...flags, '--log-level', 'warn', ...peers.flatMap((url) => ['--peer', url]), ...args],
    { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, NODE_ENV: 'production' } },
  );
  running.add(child);
  const ended = once(child, 'exit').then(([code]) => {
    running.delete(child);
    throw new Error(`a daemon ended with ${String(code)}`);
  });
  ended.catch(() => undefined);
  await Promise.race([once(createInterface(child.stdout), 'line'), ended]);
  const startedIn = performance.now() - begun;
  const requests = new Requests(port);
  return {
    url: `http://127.0.0.1:${port}`,
    pid: child.pid!,
    requests,
    startedIn,
    meter,
    stop: async () => {
      requests.close();
      child.kill('SIGTERM');
      await ended.catch(() => undefined);
      meter.close();
    },
  };
}

export const status = async ({ requests }: DaemonProcess): Promise<Status> =>
  JSON.parse((await requests.send('GET', '/status')).body) as Status;

/** Passes connections on to a port and counts the bytes of both directions. */
export class Meter {
  bytes = 0;
  readonly #sockets = new Set<Socket>();
  readonly #server = createServer((outer) => {
    const inner = connect(this.port, '127.0.0.1');
    for (const [from, to] of [
      [outer, inner],
      [inner, outer],
    ] as const) {
      this.#sockets.add(from);
      from.setNoDelay();
      from.on('data', (chunk: Buffer) => (this.bytes += chunk.length));
      from.on('error', () => to.destroy());
      from.on('close', () => {
        this.#sockets.delete(from);
        to.destroy();
      });
      from.pipe(to);
    }
  });

  private constructor(private readonly port: number) {}

  static async open(port: number): Promise<Meter> {
    const meter = new Meter(port);
    meter.#server.listen(0, '127.0.0.1');
    await once(meter.#server, 'listening');
    return meter;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
