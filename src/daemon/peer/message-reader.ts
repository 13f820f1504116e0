/** Assembles messages from the chunks in which they arrive. */

import { InvalidError } from '../../model/errors.js';
import { decodeMessage, headerBytes, maxMessageBytes, type Message } from './message.js';

export class MessageReader {
  #parts: Buffer[] = [];
  #size = 0;
  /** Bytes of the message that has begun, its header included; undefined while that is not known. */
  #needed: number | undefined;

  /** Whether part of a message is waiting for the rest. */
  get isWaiting(): boolean {
    return this.#size > 0;
  }

  /**
   * The messages that are complete with this chunk. Those that a caller leaves come with the next chunk. Throws
   * InvalidError for a message that is not of bender, or too long.
   */
  *read(chunk: Buffer): Generator<Message> {
    if (chunk.length > 0) this.#parts.push(chunk);
    this.#size += chunk.length;
    // Joined only when the message is complete: joining each chunk would copy all former ones again.
    while (this.#size >= (this.#needed ?? headerBytes)) {
      const bytes = this.#parts.length === 1 ? this.#parts[0]! : Buffer.concat(this.#parts);
      this.#needed = headerBytes + lengthIn(bytes);
      if (bytes.length < this.#needed) {
        this.#parts = [bytes];
        return;
      }
      const rest = bytes.subarray(this.#needed);
      const message = bytes.subarray(headerBytes, this.#needed);
      this.#parts = rest.length > 0 ? [rest] : [];
      this.#size = rest.length;
      this.#needed = undefined;
      yield decodeMessage(message);
    }
  }
}

function lengthIn(bytes: Buffer): number {
  const length = bytes.readUInt32BE();
  if (length === 0 || length > maxMessageBytes)
    throw new InvalidError(`a message of ${length} bytes: at most ${maxMessageBytes} are taken`);
  return length;
}
