/**
 * A connection between two daemons, once both have agreed to it by an HTTP upgrade: messages in each direction, for as long as
 * both want it. Why it is no request for each: docs/decisions/0014-streams.md.
 *
 * What a stream may hold is bounded: part of one message, for at most {@link beginningMs}, and what was written and not taken
 * yet, for at most {@link undrainedMs}.
 */

import type { Socket } from 'node:net';
import { encodeMessage, type Message } from './message.js';
import { MessageReader } from './message-reader.js';

/** The path that takes streams, below a daemon's URL. */
export const peerPath = '/peer';

/** What both sides name in their `Upgrade` header: it changes with the form of the messages. */
export const streamProtocol = 'bender/4';

/** ms for the rest of a message that has begun. */
const beginningMs = 10_000;

/** ms in which the other side has to take something of what was written to it. */
const undrainedMs = 15_000;

export interface MessageListener {
  /** Must not throw. */
  onMessage(message: Message): void;
  /** Nothing more comes, and what is sent goes nowhere. Called once. */
  onEnd(reason: string): void;
}

export class MessageStream {
  #ended = false;
  readonly #reader = new MessageReader();
  #beginning: NodeJS.Timeout | undefined;
  #undrained: NodeJS.Timeout | undefined;

  /** @param head  what had come already behind the last header */
  constructor(
    private readonly socket: Socket,
    head: Buffer,
    private readonly listener: MessageListener,
    /**
     * Whether to read nothing while the other side does not take what was written to it: right for the side that answers.
     * If both sides did, each could wait for the other.
     */
    private readonly pausing = false,
  ) {
    socket.setNoDelay(true);
    socket.on('error', (error) => this.end(error.message));
    for (const event of ['end', 'close']) socket.on(event, () => this.end('the connection was closed'));
    socket.on('drain', () => this.#onDrain());
    // Read with what follows, and not before whoever makes this stream has it.
    if (head.length > 0) socket.unshift(head);
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
  }

  /** Throws InvalidError for a message that is too long, and what cbor-x throws on what it cannot put into bytes. */
  send(message: Message): void {
    const isTaken = this.socket.write(encodeMessage(message));
    if (isTaken || this.#undrained || this.#ended) return;
    this.#awaitDrain(this.#taken);
    if (this.pausing) this.socket.pause();
  }

  end(reason: string): void {
    if (this.#ended) return;
    this.#ended = true;
    clearTimeout(this.#beginning);
    clearTimeout(this.#undrained);
    this.socket.destroy();
    this.listener.onEnd(reason);
  }

  /** Bytes that the other side, or the system on its way, has taken. */
  get #taken(): number {
    return this.socket.bytesWritten - this.socket.writableLength;
  }

  /** Ends the stream if nothing is taken in time; one that is slow is given more. */
  #awaitDrain(before: number): void {
    this.#undrained = setTimeout(() => {
      const taken = this.#taken;
      if (taken === before) this.end('takes nothing of what is written to it');
      else this.#awaitDrain(taken);
    }, undrainedMs);
  }

  #onDrain(): void {
    clearTimeout(this.#undrained);
    this.#undrained = undefined;
    if (!this.pausing || this.#ended) return;
    this.#take(Buffer.alloc(0));
    if (!this.#undrained) this.socket.resume();
  }

  #take(chunk: Buffer): void {
    let isWhole = false;
    try {
      for (const message of this.#reader.read(chunk)) {
        if (this.#ended) return;
        isWhole = true;
        this.listener.onMessage(message);
        // The rest waits in the reader, until what was written has been taken.
        if (this.pausing && this.#undrained) return this.#stopWaiting();
      }
    } catch (error) {
      return this.end((error as Error).message);
    }
    if (isWhole || !this.#reader.isWaiting) this.#stopWaiting();
    if (this.#reader.isWaiting && !this.#ended)
      this.#beginning ??= setTimeout(() => this.end('did not end a message that it had begun'), beginningMs);
  }

  #stopWaiting(): void {
    clearTimeout(this.#beginning);
    this.#beginning = undefined;
  }
}
