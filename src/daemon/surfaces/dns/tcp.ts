/**
 * Connections of DNS by TCP (RFC 7766): messages with two bytes of length before each, answered one at a time, in
 * order.
 */

import { once } from 'node:events';
import type { Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';

export interface TcpLimits {
  /** Connections at a time, in all and from one address. */
  connections: number;
  perAddress: number;
  /** ms between two queries, and until the first; an answer must be read by then. */
  idleMs: number;
  /** Queries of one connection. */
  queries: number;
}

export const tcpLimits: TcpLimits = { connections: 1000, perAddress: 250, idleMs: 10_000, queries: 10_000 };

const lengthBytes = 2;

export class TcpConnections {
  readonly #open = new Map<Socket, string>();

  constructor(
    private readonly respond: (message: Buffer) => Buffer | undefined,
    private readonly limits: TcpLimits = tcpLimits,
  ) {}

  /** Serves a connection until it ends, or closes it at once if there are too many. */
  accept(socket: Socket): void {
    socket.on('error', () => socket.destroy());
    const address = socket.remoteAddress ?? '';
    const ofAddress = [...this.#open.values()].filter((other) => other === address).length;
    if (this.#open.size >= this.limits.connections || ofAddress >= this.limits.perAddress) return void socket.destroy();
    this.#open.set(socket, address);
    socket.once('close', () => this.#open.delete(socket));
    // Bytes alone do not count as progress: a client that sends one now and then would stay for ever.
    const idle = setTimeout(() => socket.destroy(), this.limits.idleMs);
    socket.once('close', () => clearTimeout(idle));
    this.#serve(socket, () => idle.refresh()).catch(() => socket.destroy());
  }

  close(): void {
    for (const socket of this.#open.keys()) socket.destroy();
  }

  async #serve(socket: Socket, onQuery: () => void): Promise<void> {
    let left = this.limits.queries;
    for await (const message of messagesIn(socket)) {
      const answer = this.respond(message);
      if (!answer) return void socket.destroy();
      onQuery();
      const length = Buffer.alloc(lengthBytes);
      length.writeUInt16BE(answer.length);
      if (!socket.write(Buffer.concat([length, answer]))) await once(socket, 'drain');
      if (--left === 0) break;
      // Queries that arrive together must not keep the daemon from everything else.
      await setImmediate();
    }
    socket.end();
  }
}

/** The messages of a connection. Nothing more is read of it before the previous one is done with. */
async function* messagesIn(socket: Socket): AsyncGenerator<Buffer, void> {
  let pending: Buffer = Buffer.alloc(0);
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    while (pending.length >= lengthBytes) {
      const end = lengthBytes + pending.readUInt16BE(0);
      if (pending.length < end) break;
      yield pending.subarray(lengthBytes, end);
      pending = pending.subarray(end);
    }
  }
}
