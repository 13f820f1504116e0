/** Reading bodies: bounded, and as JSON where JSON is asked for. */

import type { IncomingMessage } from 'node:http';
import { BenderError, InvalidError } from '../../model/errors.js';
import { limits } from '../../model/limits.js';

/**
 * The whole body. Rejects with TOO_LARGE past `limit` bytes, but goes on reading into the void, because who
 * is still sending does not see an answer; and with the stream's error when the other side breaks off.
 */
export function readBody(message: IncomingMessage, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const refuse = (): void => {
      chunks.length = 0;
      reject(new BenderError('TOO_LARGE', `the body must have at most ${limit} bytes`));
    };
    if (Number(message.headers['content-length']) > limit) refuse();
    message.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > limit) refuse();
      else chunks.push(chunk);
    });
    message.on('end', () => resolve(Buffer.concat(chunks)));
    message.on('error', reject);
  });
}

const strict = new TextDecoder('utf-8', { fatal: true });

/** The body as JSON; undefined where there is none, whatever the headers say about its type. */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  const body = await readBody(request, limits.body);
  if (body.length === 0) return undefined;
  requireJsonType(request);
  try {
    return JSON.parse(strict.decode(body)) as unknown;
  } catch (error) {
    throw new InvalidError(`the body is not JSON: ${(error as Error).message}`, { cause: error });
  }
}

/** Whether the headers announce a body. */
export const mayHaveBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';

const jsonType = /^application\/(json|[\w.-]+\+json)\s*(;\s*charset="?utf-8"?\s*)?$/i;

function requireJsonType({ headers }: IncomingMessage): void {
  const encoding = headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity') throw unsupported(`content-encoding '${encoding}' is not supported`);
  const type = headers['content-type'] ?? 'none';
  if (!jsonType.test(type))
    throw unsupported(`content-type must be application/json in UTF-8, not '${type}'`);
}

const unsupported = (message: string): BenderError => new BenderError('UNSUPPORTED_MEDIA_TYPE', message);
