/**
 * Idempotency keys: a client chooses one for each write, and sends it again with each repetition of the write. However
 * often such a write arrives, and at whatever daemon, it is done once.
 */

import { InvalidError } from './errors.js';

/** As in the draft of the IETF, draft-ietf-httpapi-idempotency-key-header. */
export const idempotencyHeader = 'idempotency-key';

/** Visible ASCII, in quotes or without. */
const shape = /^(?:"([\x21\x23-\x7e]{1,64})"|([\x21\x23-\x7e]{1,64}))$/;

export const isIdempotencyKey = (text: string): boolean => shape.test(text);

/** The key that a header carries; undefined if there is no header. Throws InvalidError. */
export function readIdempotencyKey(header: string | string[] | undefined): string | undefined {
  if (header === undefined) return undefined;
  const match = typeof header === 'string' ? shape.exec(header) : null;
  if (!match) throw new InvalidError(`${idempotencyHeader} must have 1 to 64 visible ASCII characters`);
  return match[1] ?? match[2];
}
