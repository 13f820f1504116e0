/**
 * A connection between two daemons, once both have agreed to it by an HTTP upgrade: messages as a CBOR sequence (RFC 8742) in
 * each direction, for as long as both want it. Why it is no request for each: docs/decisions/0014-streams.md.
 */

import type { Socket } from 'node:net';
import { DecoderStream, Encoder } from 'cbor-x';
import type { ErrorBody } from '../../model/errors.js';

/** The path that takes streams, below a daemon's URL. */
export const peerPath = '/peer';

/** What both sides name in their `Upgrade` header. */
export const streamProtocol = 'bender';

/** Bytes of one message; a first sync goes in pieces well below. */
export const maxMessageBytes = 32 * 1024 * 1024;

/** A frame, or (without one) what it was refused with. An answer has the number of what it answers. */
export type Message = [number: number, frame: unknown, refusal?: ErrorBody];

/** Plain CBOR, without cbor-x's own record extension. */
const options = { useRecords: false, maxIncompleteBufferSize: maxMessageBytes };

const codec = new Encoder(options);

export interface MessageListener {
  onMessage(message: Message): void;
  /** Nothing more comes, and what is sent goes nowhere. Said once. */
  onEnd(reason: string): void;
}

export class MessageStream {
  #ended = false;

  /** @param head  what had come already behind the last header */
  constructor(
    private readonly socket: Socket,
    head: Buffer,
    private readonly listener: MessageListener,
  ) {
    socket.setNoDelay(true);
    const decoder = new DecoderStream(options);
    decoder.on('data', (message) => this.#take(message));
    decoder.on('error', (error) => this.end(error.message));
    socket.on('error', (error) => this.end(error.message));
    for (const event of ['end', 'close']) socket.on(event, () => this.end('the connection was closed'));
    // Read with what follows, and not before whoever makes this stream has it.
    if (head.length > 0) socket.unshift(head);
    // Messages are taken as they come: nothing waits in the decoder but the beginning of one.
    socket.on('data', (chunk) => decoder.write(chunk));
  }

  /** Throws where the message cannot be put into bytes. */
  send(message: Message): void {
    this.socket.write(codec.encode(message));
  }

  end(reason: string): void {
    if (this.#ended) return;
    this.#ended = true;
    this.socket.destroy();
    this.listener.onEnd(reason);
  }

  #take(message: unknown): void {
    if (this.#ended) return;
    if (isMessage(message)) this.listener.onMessage(message);
    else this.end('sent something that is no message of bender');
  }
}

function isMessage(message: unknown): message is Message {
  if (!Array.isArray(message)) return false;
  const [number, , refusal] = message as [unknown, unknown, Partial<ErrorBody>?];
  return (
    Number.isSafeInteger(number) &&
    (refusal === undefined || (typeof refusal?.code === 'string' && typeof refusal.message === 'string'))
  );
}
