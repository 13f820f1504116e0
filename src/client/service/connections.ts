/** The connections of an HTTP server that ends: callers that keep one are sent away, and none is left. */

import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** What is used of a server. That of node:http2 cannot close its connections. */
type HttpServer = Pick<Server, 'on' | 'prependListener' | 'close' | 'listening'> &
  Partial<Pick<Server, 'closeIdleConnections' | 'closeAllConnections'>>;

export class Connections {
  readonly #server: HttpServer;
  readonly #sockets = new Set<Socket>();
  /** The responses that are not complete. */
  readonly #responses = new Set<ServerResponse>();
  #sendsAway = false;
  #isClosing = false;

  /** Make it before the server listens: it knows what has come since then. */
  constructor(server: HttpServer) {
    this.#server = server;
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
  }

  /** Has responses pass through {@link responding}. */
  watchRequests(): this {
    // Before the program's own listeners, which may respond at once.
    this.#server.prependListener('request', (_, response: ServerResponse) => this.responding(response));
    return this;
  }

  /** A response begins. */
  responding(response: ServerResponse): void {
    this.#responses.add(response);
    response.once('close', () => {
      this.#responses.delete(response);
      // The connection is idle when this turn is over.
      if (this.#isClosing) setImmediate(() => this.#server.closeIdleConnections?.());
    });
    if (this.#sendsAway) closeAfter(response);
  }

  /**
   * Whether connections end with the next response, or with that under way, so that callers with kept connections look
   * for another instance. Idle connections are left open: a request may be on its way.
   */
  sendAway(wanted: boolean): void {
    if (wanted === this.#sendsAway) return;
    this.#sendsAway = wanted;
    if (wanted) for (const response of this.#responses) closeAfter(response);
  }

  /** Accepts no further connection, and closes the idle ones. Resolves when none is left. */
  async close(): Promise<void> {
    this.endIdle();
    if (!this.#server.listening) return;
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeIdleConnections?.();
    });
  }

  /** From now on, connections end as soon as they are idle. */
  endIdle(): void {
    this.#isClosing = true;
    this.sendAway(true);
  }

  /** Ends all connections, whatever is under way on them, and those that were there before this was made. */
  destroy(): void {
    this.#server.closeAllConnections?.();
    for (const socket of this.#sockets) socket.destroy();
  }
}

/** Has the connection closed after this response, and the caller told. HTTP/2 has no such header. */
function closeAfter(response: ServerResponse): void {
  if (!response.headersSent && response.req.httpVersionMajor < 2) response.setHeader('connection', 'close');
}
