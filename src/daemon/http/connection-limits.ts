/**
 * How many connections there may be, in all and from one address. A connection beyond that is answered 503 and closed;
 * it may become a peer's stream all the same, since peers come first. Connections that make no progress are closed.
 * With TLS a connection counts from its first packet on: those that never finish their handshake are like others.
 */

import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { OverloadedError } from '../../model/errors.js';
import { readyEvent } from '../tls/listener.js';
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
  /** The last progress of each connection that is not refused. */
  readonly #open = new Map<Socket, { read: number; unsent: number; at: number }>();
  readonly #refused = new Map<Socket, OverloadedError>();
  /** By both ends, why connections are refused whose handshake is under way; undefined if they are not. */
  readonly #handshakes = new Map<string, OverloadedError | undefined>();

  constructor(
    server: Server,
    cap: Cap,
    private readonly counters: LoadCounters,
    private readonly now = () => performance.now(),
  ) {
    this.#callers = new Callers(cap);
    server.maxConnections = cap.total + refusedMost;
    server.on('drop', () => counters.count('connections'));
    const isSecure = readyEvent(server) === 'secureConnection';
    server.on('connection', (socket: Socket) => (isSecure ? this.#shakeHands(socket) : this.#accept(socket)));
    if (isSecure) server.on('secureConnection', (socket: Socket) => this.#onHandshake(socket));
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
    this.#follow(socket, this.#enter(socket));
  }

  /** A connection of which TLS will make another socket. It counts until this one is closed, which is with that one. */
  #shakeHands(socket: Socket): void {
    const key = endsOf(socket);
    const refusal = this.#enter(socket);
    this.#handshakes.set(key, refusal);
    const patience = refusal && setTimeout(() => this.#handshakes.has(key) && socket.destroy(), refusedForMs);
    socket.once('close', () => {
      clearTimeout(patience);
      this.#handshakes.delete(key);
    });
  }

  #onHandshake(socket: Socket): void {
    const key = endsOf(socket);
    // One that has offered an upgrade comes a second time.
    if (!this.#handshakes.has(key)) return;
    const refusal = this.#handshakes.get(key);
    this.#handshakes.delete(key);
    this.#follow(socket, refusal);
  }

  /** Counts a connection. Returns why it is refused; one that is not counts until it is closed. */
  #enter(socket: Socket): OverloadedError | undefined {
    const address = socket.remoteAddress ?? '';
    const reached = this.#callers.reached(address);
    if (reached === undefined) {
      this.#callers.enter(address);
      socket.once('close', () => this.#callers.leave(address));
      return undefined;
    }
    this.counters.count(reached === 'total' ? 'connections' : 'connectionsOfAddress', address);
    return new OverloadedError(`too many connections are open${reached === 'total' ? '' : ' from your address'}`);
  }

  /** Looks after a connection by which requests may come now. */
  #follow(socket: Socket, refusal: OverloadedError | undefined): void {
    if (!refusal) {
      this.#open.set(socket, { read: 0, unsent: 0, at: this.now() });
      socket.once('close', () => this.#open.delete(socket));
      return;
    }
    this.#refused.set(socket, refusal);
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

/** Tells a connection from others. TLS has a socket of its own, with the same ends. */
const endsOf = ({ remoteAddress, remotePort, localAddress }: Socket): string =>
  [remoteAddress, remotePort, localAddress].join();
