/**
 * How many connections there may be, in all and from one address. A connection beyond that is answered 503 and closed;
 * it may become a peer's stream all the same, since peers come first. Connections that make no progress are closed.
 */

import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { OverloadedError } from '../../model/errors.js';
import { Callers, type Cap } from './callers.js';
import { connectionOf } from './connection.js';
import type { LoadCounters } from './load-counters.js';

/** Connections beyond the cap that may still be told why they are refused. */
const refusedMost = 256;

/** ms for which a connection beyond the cap may wait before it asks for something. */
const refusedForMs = 2000;

/** ms for which a request that has begun, or an answer that is being read, may make no progress. */
const stalledAfterMs = 15_000;

/** ms. */
const sweepEveryMs = 2500;

export class ConnectionLimits {
  readonly #callers: Callers;
  /** What was last seen to move on each connection that is not refused. */
  readonly #open = new Map<Socket, { read: number; unsent: number; at: number }>();
  readonly #refused = new Map<Socket, OverloadedError>();

  constructor(
    server: Server,
    cap: Cap,
    private readonly counters: LoadCounters,
    private readonly now = () => performance.now(),
  ) {
    this.#callers = new Callers(cap);
    server.maxConnections = cap.total + refusedMost;
    server.on('drop', () => counters.count('connections'));
    server.on('connection', (socket) => this.#accept(socket));
    const sweep = setInterval(() => this.#sweep(), sweepEveryMs).unref();
    server.once('close', () => clearInterval(sweep));
  }

  get total(): number {
    return this.#callers.total;
  }

  /** Why the requests of this connection are refused; undefined if they are not. */
  refusal(socket: Socket): OverloadedError | undefined {
    return this.#refused.size === 0 ? undefined : this.#refused.get(socket);
  }

  #accept(socket: Socket): void {
    // One that has offered an upgrade comes a second time.
    if (this.#open.has(socket) || this.#refused.has(socket)) return;
    const address = socket.remoteAddress ?? '';
    const reached = this.#callers.reached(address);
    if (reached === undefined) {
      this.#callers.enter(address);
      this.#open.set(socket, { read: 0, unsent: 0, at: this.now() });
      socket.once('close', () => {
        this.#callers.leave(address);
        this.#open.delete(socket);
      });
      return;
    }

    this.counters.count(reached === 'total' ? 'connections' : 'connectionsOfAddress', address);
    const from = reached === 'total' ? '' : ' from your address';
    this.#refused.set(socket, new OverloadedError(`too many connections are open${from}`));
    socket.setTimeout(refusedForMs, () => socket.destroy());
    socket.once('close', () => this.#refused.delete(socket));
  }

  /** Closes the connections on which a request or an answer has made no progress for too long. */
  #sweep(): void {
    const now = this.now();
    for (const [socket, last] of this.#open) {
      const read = socket.bytesRead;
      const unsent = socket.writableLength;
      const isMoving = read !== last.read || unsent !== last.unsent;
      const isWaiting = unsent > 0 || connectionOf(socket)?.isReceiving === true;
      if (isMoving || !isWaiting) Object.assign(last, { read, unsent, at: now });
      else if (now - last.at > stalledAfterMs) {
        this.counters.count('stalled', socket.remoteAddress);
        socket.destroy();
      }
    }
  }
}
