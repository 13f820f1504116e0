/**
 * A connection between two daemons, once both have agreed to it by an HTTP upgrade: messages in each direction, for as
 * long as both want it. Why it is no request for each: docs/decisions/0014-streams.md.
 *
 * What a stream may hold is bounded: part of one message, for at most {@link beginningMs}; what was written and not
 * taken yet, for at most {@link undrainedMs}; and {@link underWayMost} messages that are being answered. Messages are
 * taken for at most {@link turnMs} in a row, so that no other work waits for one stream. What is not taken yet is not
 * read.
 */

import type { Socket } from 'node:net';
import { encodeMessage, type Message } from './message.js';
import { MessageReader } from './message-reader.js';
import type { PeerTraffic } from './peer-traffic.js';

/** The path that takes streams, below a daemon's URL. */
export const peerPath = '/peer';

/** What both sides name in their `Upgrade` header: it changes with the form of the messages. */
export const streamProtocol = 'bender/4';

/** How long the rest of a message may take. */
const beginningMs = 10_000;

/** How long the other side may take none of the written bytes. */
const undrainedMs = 15_000;

/** How many messages are answered at a time. A peer has one exchange under way, and forwards renewals beside it. */
const underWayMost = 16;

/** How long messages of one stream are taken in one turn of the event loop. */
const turnMs = 10;

export interface MessageListener {
  /** Must not throw or reject. Returns a promise if answering takes until that is settled. */
  onMessage(message: Message): void | Promise<void>;
  /** The stream has ended: nothing arrives, and nothing can be sent. Called once. */
  onEnd(reason: string): void;
}

export class MessageStream {
  #ended = false;
  readonly #reader = new MessageReader();
  #beginning: NodeJS.Timeout | undefined;
  #undrained: NodeJS.Timeout | undefined;
  /** Whether nothing is read for the time being. */
  #isStopped = false;
  /** Messages that are being answered. */
  #underWay = 0;
  /** When the first message was taken in this turn; undefined if none was. */
  #turnBegan: number | undefined;

  /** @param head  what had come already behind the last header */
  constructor(
    private readonly socket: Socket,
    head: Buffer,
    private readonly listener: MessageListener,
    private readonly traffic: Pick<PeerTraffic, 'bytesSent' | 'bytesReceived'>,
    /**
     * Whether to read nothing while the other side does not take what was written to it: right for the side that
     * answers. If both sides did, each could wait for the other.
     */
    private readonly pausing = false,
  ) {
    socket.setNoDelay(true);
    socket.on('error', (error) => this.end(error.message));
    for (const event of ['end', 'close']) socket.on(event, () => this.end('the connection was closed'));
    socket.on('drain', () => this.#onDrain());
    // Read with the following data, when the creator of this stream has it.
    if (head.length > 0) socket.unshift(head);
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
  }

  /** Throws InvalidError for a message that is too long, and what cbor-x throws on what it cannot put into bytes. */
  send(message: Message): void {
    const bytes = encodeMessage(message);
    this.traffic.bytesSent += bytes.length;
    const isTaken = this.socket.write(bytes);
    if (isTaken || this.#undrained || this.#ended) return;
    this.#awaitDrain(this.#taken);
    if (this.#isHeld) this.#stopReading();
  }

  end(reason: string): void {
    if (this.#ended) return;
    this.#ended = true;
    clearTimeout(this.#beginning);
    clearTimeout(this.#undrained);
    this.socket.destroy();
    this.listener.onEnd(reason);
  }

  /** How many bytes the other side, or the operating system, has taken. */
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

  /** Whether messages that have come have to wait. */
  get #isHeld(): boolean {
    if (this.#turnBegan !== undefined && performance.now() - this.#turnBegan > turnMs) return true;
    return this.pausing && (this.#undrained !== undefined || this.#underWay >= underWayMost);
  }

  #onDrain(): void {
    clearTimeout(this.#undrained);
    this.#undrained = undefined;
    this.#goOn();
  }

  /** Takes waiting messages and reads on, unless the stream is still held. */
  #goOn(): void {
    if (!this.#isStopped || this.#ended || this.#isHeld) return;
    this.#isStopped = false;
    this.#take(Buffer.alloc(0));
    if (!this.#isStopped && !this.#ended) this.socket.resume();
  }

  #stopReading(): void {
    this.#isStopped = true;
    this.socket.pause();
  }

  #take(chunk: Buffer): void {
    this.traffic.bytesReceived += chunk.length;
    let isWhole = false;
    try {
      for (const message of this.#reader.read(chunk)) {
        if (this.#ended) return;
        isWhole = true;
        this.#tell(message);
        if (this.#isHeld) {
          // The rest waits in the reader.
          this.#stopReading();
          return this.#stopWaiting();
        }
      }
    } catch (error) {
      return this.end((error as Error).message);
    }
    if (isWhole || !this.#reader.isWaiting) this.#stopWaiting();
    if (this.#reader.isWaiting && !this.#ended)
      this.#beginning ??= setTimeout(() => this.end('did not end a message that it had begun'), beginningMs);
  }

  #tell(message: Message): void {
    if (this.#turnBegan === undefined) {
      this.#turnBegan = performance.now();
      setImmediate(() => {
        this.#turnBegan = undefined;
        this.#goOn();
      });
    }
    const answered = this.listener.onMessage(message);
    if (!answered) return;
    this.#underWay++;
    answered.then(
      () => {
        this.#underWay--;
        this.#goOn();
      },
      (error: Error) => this.end(error.message),
    );
  }

  #stopWaiting(): void {
    clearTimeout(this.#beginning);
    this.#beginning = undefined;
  }
}
