/**
 * Parts of a body in chunks, as they stand on the wire.
 *
 * Node makes four pieces of each chunk, for each response anew. A chunk that goes to many responses is made once here,
 * in one piece for their sockets; it is a third less work. Chunks there must be: without them a client cannot tell an
 * end from a broken connection.
 */

import type { ServerResponse } from 'node:http';
import type { Writable } from 'node:stream';

export class Chunks {
  #parts: readonly Buffer[] = [];
  #chunk: Buffer | undefined;

  /**
   * Writes `parts` behind what was written to `response` before, whose headers must have been. Returns what has to
   * drain before more is written; undefined if nothing has.
   */
  write(response: ServerResponse, parts: readonly Buffer[]): Writable | undefined {
    const { socket } = response;
    // Neither does a client of HTTP/1.0 know chunks, nor has a response its socket before its turn among pipelined
    // ones.
    if (response.chunkedEncoding && socket?.writable) return socket.write(this.#of(parts)) ? undefined : socket;
    let hasRoom = true;
    for (const part of parts) hasRoom = response.write(part);
    return hasRoom ? undefined : response;
  }

  /** The same as last time if the parts are. */
  #of(parts: readonly Buffer[]): Buffer {
    const isLast = parts.length === this.#parts.length && parts.every((part, index) => part === this.#parts[index]);
    if (isLast && this.#chunk) return this.#chunk;
    const length = parts.reduce((sum, part) => sum + part.length, 0);
    this.#parts = parts;
    return (this.#chunk = Buffer.concat([Buffer.from(`${length.toString(16)}\r\n`), ...parts, end]));
  }
}

const end = Buffer.from('\r\n');
