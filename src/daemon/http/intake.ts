/**
 * When requests are handled, so that neither one connection nor one turn of the event loop holds up the others.
 *
 * 1. At most {@link unansweredMost} requests of one connection are begun and not answered; more is not read from it
 *    meanwhile.
 * 2. Requests are begun for at most {@link turnMs} in a row. Then the loop turns to timers, peers and new input, and
 *    afterwards to the connections that wait, in the order in which they began to wait, each for a few requests.
 * 3. Requests of one connection are begun in their order.
 *
 * How long connections wait says how busy this daemon is: see {@link Pressure}.
 */

import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { readyEvent } from '../tls/listener.js';
import { Connection, connectionOf, track, unansweredMost } from './connection.js';

/** ms for which requests are begun in a row. Answering them takes about as long again. */
const turnMs = 15;

/** Requests that all waiting connections together may begin before the first one has its turn again. */
const roundMost = 4096;

/**
 * Connections whose bytes Node parses as it reads them, which is a tenth faster. Those beyond are taken over at once,
 * and so are all new ones for {@link distrustMs} after a connection has sent more than a few requests ahead: each may
 * send two thousand requests in the same moment.
 */
const trustedMost = 256;
const distrustMs = 60_000;

/** Bytes that were read and wait to be parsed, of all connections. */
const waitingBytesMost = 64 * 1024 * 1024;

export type Handle = (request: IncomingMessage, response: ServerResponse) => void;

export interface IntakeObserver {
  /** So many ms has a connection waited for its turn. */
  onWaited(ms: number): void;
  /** Too much waits already: `socket` is to be refused. */
  onTooMuch(socket: Socket): void;
}

export class Intake {
  readonly #queue: Connection[] = [];
  /** When the present turn began to handle requests; undefined while it has not. */
  #turnBegan: number | undefined;
  #connections = 0;
  /** When a connection last sent many requests ahead of their answers. */
  #burstAt = -Infinity;
  #waitingBytes = 0;

  constructor(
    server: Server,
    private readonly handle: Handle,
    private readonly observer: IntakeObserver,
    private readonly now = () => performance.now(),
  ) {
    server.on(readyEvent(server), (socket: Socket) => this.#accept(socket));
    server.on('request', (request, response) => this.#take(request, response));
  }

  #accept(socket: Socket): void {
    const connection = new Connection(socket, {
      read: this.#onRead,
      free: this.#enqueue,
      waiting: (bytes) => (this.#waitingBytes += bytes),
    });
    // One that has offered an upgrade comes a second time.
    const isBack = connectionOf(socket) !== undefined;
    track(connection);
    if (!isBack) this.#connections++;
    const isTrusted = this.#connections <= trustedMost && this.now() - this.#burstAt > distrustMs;
    if (!isTrusted) connection.takeOver();
    if (isBack) return;
    socket.once('close', () => {
      this.#connections--;
      connectionOf(socket)?.stop();
    });
  }

  #take(request: IncomingMessage, response: ServerResponse): void {
    const connection = connectionOf(request.socket);
    if (!connection) return this.handle(request, response);
    connection.note(request);
    if (!connection.isFull && !connection.hasParsed && !this.#isOver())
      return this.#begin(connection, request, response);
    connection.defer(request, response);
    if (connection.isFull) this.#burstAt = this.now();
    else this.#enqueue(connection);
  }

  #begin(connection: Connection, request: IncomingMessage, response: ServerResponse): void {
    connection.begin(response);
    this.handle(request, response);
  }

  /** Whether this turn has handled requests for long enough. */
  readonly #isOver = (): boolean => {
    const now = this.now();
    if (this.#turnBegan === undefined) {
      this.#turnBegan = now;
      setImmediate(this.#endTurn);
    }
    return now - this.#turnBegan > turnMs;
  };

  readonly #onRead = (connection: Connection): void => {
    if (connection.queuedAt === undefined && !connection.isFull) this.#serve(connection, unansweredMost);
    if (!connection.hasWork) return;
    connection.socket.pause();
    if (this.#waitingBytes > waitingBytesMost) this.observer.onTooMuch(connection.socket);
  };

  readonly #enqueue = (connection: Connection): void => {
    if (connection.queuedAt !== undefined) return;
    connection.queuedAt = this.now();
    this.#queue.push(connection);
    if (this.#turnBegan === undefined) {
      this.#turnBegan = connection.queuedAt;
      setImmediate(this.#endTurn);
    }
  };

  /** Admits waiting requests in turn. */
  readonly #endTurn = (): void => {
    this.#turnBegan = this.now();
    const quota = Math.max(1, Math.min(unansweredMost, Math.floor(roundMost / this.#queue.length)));
    let left = this.#queue.length;
    while (left-- > 0 && this.now() - this.#turnBegan <= turnMs) {
      const connection = this.#queue.shift()!;
      this.observer.onWaited(this.now() - connection.queuedAt!);
      connection.queuedAt = undefined;
      this.#serve(connection, quota);
    }
    if (this.#queue.length === 0) this.#turnBegan = undefined;
    else setImmediate(this.#endTurn);
  };

  #serve(connection: Connection, quota: number): void {
    while (quota > 0 && !connection.isFull && connection.hasParsed) {
      const [request, response] = connection.nextParsed()!;
      quota--;
      if (!connection.socket.destroyed) this.#begin(connection, request, response);
    }
    if (!connection.hasParsed && connection.isTakenOver) connection.parseSome(quota, this.#isOver);
    if (!connection.hasWork) connection.resume();
    else if (connection.isHeld && !connection.hasParsed) connection.lookAgain();
    else if (!connection.isFull) this.#enqueue(connection);
    else connection.takeOver();
  }
}
