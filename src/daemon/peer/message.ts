/**
 * The messages of a stream between two daemons: each is its length in four bytes (big-endian) and one item of CBOR (RFC
 * 8949). The length comes first so that a message is decoded only when it is complete and was checked.
 */

import { Encoder } from 'cbor-x';
import type { ErrorBody } from '../../model/errors.js';
import { InvalidError } from '../../model/errors.js';
import { problemWith } from './frame-guard.js';

/** A frame, or (without one) the error of a refusal. An answer has the number of its request. */
export type Message = [number: number, frame: unknown, refusal?: ErrorBody];

/**
 * Bytes of one message. What is longer goes in pieces: changes by the 256 KiB, renewals by the batch; the list of a
 * thousand documents has some 120 KiB.
 */
export const maxMessageBytes = 2 * 1024 * 1024;

export const headerBytes = 4;

/** Plain CBOR: no records, which are cbor-x's own, and bytes without a tag, so that no tag is needed at all. */
const codec = new Encoder({ useRecords: false, tagUint8Array: false });

/** Encodes a message with its length. Throws InvalidError for one that is too long. */
export function encodeMessage(message: Message): Buffer {
  const body = codec.encode(message);
  if (body.length > maxMessageBytes)
    throw new InvalidError(`a message of ${body.length} bytes: at most ${maxMessageBytes} can be sent`);
  const bytes = Buffer.allocUnsafe(headerBytes + body.length);
  bytes.writeUInt32BE(body.length);
  body.copy(bytes, headerBytes);
  return bytes;
}

/** Decodes a message. Throws InvalidError. */
export function decodeMessage(bytes: Buffer): Message {
  const problem = problemWith(bytes);
  if (problem !== undefined) throw new InvalidError(`a message that cannot be read: ${problem}`);
  const message = codec.decode(bytes) as unknown;
  if (!isMessage(message)) throw new InvalidError('what was sent is not a message of bender');
  return message;
}

function isMessage(message: unknown): message is Message {
  if (!Array.isArray(message)) return false;
  const [number, , refusal] = message as [unknown, unknown, Partial<ErrorBody>?];
  return (
    Number.isSafeInteger(number) &&
    (refusal === undefined || (typeof refusal?.code === 'string' && typeof refusal.message === 'string'))
  );
}
