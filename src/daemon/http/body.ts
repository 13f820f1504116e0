/** Reads request bodies: bounded, and as JSON if a route expects that. */

import type { IncomingMessage } from 'node:http';
import { BenderError, InvalidError, OverloadedError } from '../../model/errors.js';
import { limits } from '../../model/limits.js';
import type { LoadCounters } from './load-counters.js';
import { bodiesMost, memoryGraceMs, smallBody } from './load-limits.js';
import { MemoryBudget } from './memory-budget.js';
import { isShallow } from '../../model/json.js';
import { printable } from '../../model/printable.js';

/**
 * The whole body. Rejects with TOO_LARGE past `limit` bytes, but goes on reading and drops what it reads, because a
 * client that is still sending does not see an answer. Rejects with the stream's error when the other side breaks off.
 */
export function readBody(message: IncomingMessage, limit: number, bodies?: Bodies): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    let refused = false;
    const refuse = (error: BenderError): void => {
      refused = true;
      chunks.length = 0;
      reject(error);
    };
    const tooLarge = (): void => refuse(new BenderError('TOO_LARGE', `the body must have at most ${limit} bytes`));
    if (Number(message.headers['content-length']) > limit) tooLarge();
    message.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > limit) tooLarge();
      else if (!refused && size > smallBody && bodies?.take(message, size) === false) refuse(bodies.refusal());
      else if (!refused) chunks.push(chunk);
    });
    message.on('end', () => resolve(Buffer.concat(chunks)));
    message.on('error', reject);
  });
}

/** Accounts for the memory that all bodies take which are being received. */
export class Bodies {
  readonly #budget = new MemoryBudget<IncomingMessage>(bodiesMost, memoryGraceMs, (message) => {
    this.counters.count('bodies', message.socket.remoteAddress);
    message.destroy();
  });
  readonly #sizes = new WeakMap<IncomingMessage, number>();

  constructor(private readonly counters: LoadCounters) {}

  /** So many bytes of `message` are here. False if there is no room for them. */
  take(message: IncomingMessage, size: number): boolean {
    const before = this.#sizes.get(message);
    if (before === undefined) message.once('close', () => this.#budget.release(message));
    this.#sizes.set(message, size);
    return this.#budget.take(message, size - (before ?? 0));
  }

  refusal(): OverloadedError {
    this.counters.count('bodies');
    return new OverloadedError('this daemon is receiving too many large bodies');
  }
}

/** The deepest that there is: `meta` in a registration, and a level for lists of them. */
const bodyLevels = limits.metaLevels + 2;

/**
 * Values in one body: parsing a million takes much longer than parsing as many bytes of text. A renewal with its
 * instance has five of the characters that are counted.
 */
const valuesMost = 6 * limits.renewals;

/** Whether there are more than `most` of what begins or separates values in this JSON. */
function hasMoreValues(json: Buffer, most: number): boolean {
  let count = 0;
  let isText = false;
  for (let at = 0; at < json.length; at++) {
    const byte = json[at]!;
    if (byte === quote) isText = !isText;
    else if (isText && byte === backslash) at++;
    else if (!isText && separators[byte] && ++count > most) return true;
  }
  return false;
}

const [quote, backslash] = [0x22, 0x5c];

/** By byte: 1 for those of `,:[{`. */
const separators = new Uint8Array(256);
for (const character of ',:[{') separators[character.charCodeAt(0)] = 1;

const strict = new TextDecoder('utf-8', { fatal: true });

/** The body as JSON; undefined if there is none, whatever the headers say about its type. */
export async function readJson(request: IncomingMessage, bodies: Bodies): Promise<unknown> {
  const body = await readBody(request, limits.body, bodies);
  if (body.length === 0) return undefined;
  requireJsonType(request);
  return parseJson(body);
}

/** The bytes of a body as JSON. Throws InvalidError for what is none, or would take long to parse. */
export function parseJson(body: Buffer): unknown {
  if (body.length > smallBody && hasMoreValues(body, valuesMost))
    throw new InvalidError(`the body has more than ${valuesMost.toLocaleString('en')} values`);
  let value: unknown;
  try {
    value = JSON.parse(strict.decode(body));
  } catch (error) {
    throw new InvalidError(`the body is not JSON: ${(error as Error).message}`, { cause: error });
  }
  if (!isShallow(value, bodyLevels)) throw new InvalidError('the body is nested too deeply');
  return value;
}

/** Whether the headers announce a body. */
export const mayHaveBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';

const jsonType = /^application\/(json|[\w.-]+\+json)\s*(;\s*charset="?utf-8"?\s*)?$/i;

function requireJsonType({ headers }: IncomingMessage): void {
  const encoding = headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity') throw unsupported(`content-encoding '${printable(encoding)}' is not supported`);
  const type = headers['content-type'] ?? 'none';
  if (!jsonType.test(type))
    throw unsupported(`content-type must be application/json in UTF-8, not '${printable(type)}'`);
}

const unsupported = (message: string): BenderError => new BenderError('UNSUPPORTED_MEDIA_TYPE', message);
