/**
 * Putting a reply on the wire.
 *
 * Answers are complete at once, and are written together at the end of the turn of the event loop. A write wakes the
 * client, which takes longer than making most answers. Clients that read several in a row are mostly awake by then.
 */

import type { IncomingMessage, OutgoingHttpHeader, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { Log } from '../core/log.js';
import { connectionOf } from './connection.js';
import { Content } from './content.js';
import { errorAnswer } from './errors.js';
import type { Answer, Complete } from './route.js';
import { ownHeaders, safetyHeaders } from './safety-headers.js';

/** Sends the reply that `produce` returns, or its error. Never throws. */
export function respond(
  request: IncomingMessage,
  response: ServerResponse,
  log: Log,
  produce: () => Complete | Promise<Complete>,
): void {
  const fail = (error: unknown): void => {
    // A client that has gone needs no answer, and its disconnection is no bug of ours.
    if (!request.socket.destroyed) send(request, response, errorAnswer(error, log, request));
  };
  try {
    const reply = produce();
    if (reply instanceof Promise) reply.then((late) => send(request, response, late)).catch(fail);
    else send(request, response, reply);
  } catch (error) {
    fail(error);
  }
}

/** Sends a reply. Throws if it cannot be encoded; nothing has been sent then. */
export function send(request: IncomingMessage, response: ServerResponse, reply: Complete): void {
  if ('stream' in reply) {
    response.writeHead(200, headOf(safety, reply.headers));
    if (request.method === 'HEAD') return finish(request, response, undefined);
    response.once('close', () => onAnswered(request));
    return reply.stream(response);
  }
  finish(request, response, writeHead(response, reply));
}

function finish(request: IncomingMessage, response: ServerResponse, content: Content | undefined): void {
  if (finished.push({ request, response, content }) === 1) setImmediate(endFinished);
}

interface Finished {
  request: IncomingMessage;
  response: ServerResponse;
  content: Content | undefined;
}

/** Responses to flush at the end of the turn. Flushing must not throw, or the remaining responses would be lost. */
const finished: Finished[] = [];

function endFinished(): void {
  for (const { request, response, content } of finished.splice(0)) {
    if (content && content.length > sliceBytes && Buffer.isBuffer(content.data)) {
      response.once('close', () => onAnswered(request));
      writeInSlices(response, content.data);
      continue;
    }
    if (content) response.end(content.data, content.encoding);
    else response.end();
    onAnswered(request);
  }
}

/**
 * Bytes of a long answer that are handed over at a time. So it can be seen whether a client still reads, and what it
 * has not read yet is kept only once for all that read the same.
 */
const sliceBytes = 256 * 1024;

function writeInSlices(response: ServerResponse, data: Buffer, from = 0): void {
  for (let at = from; !response.destroyed;) {
    const slice = data.subarray(at, at + sliceBytes);
    at += slice.length;
    if (at === data.length) return void response.end(slice);
    if (!response.write(slice)) return void response.once('drain', () => writeInSlices(response, data, at));
  }
}

const onAnswered = ({ socket }: IncomingMessage): void => connectionOf(socket)?.answered();

/** Answers the content that is to follow. */
function writeHead(response: ServerResponse, { status, headers, body }: Answer): Content | undefined {
  if (body === undefined) {
    response.writeHead(status, headers ? headOf(own, headers) : own);
    return undefined;
  }
  const content = body instanceof Content ? body : new Content(Buffer.isBuffer(body) ? body : JSON.stringify(body));
  const head = headOf(safety, headers);
  if (headers?.['content-type'] === undefined) head.push('content-type', 'application/json; charset=utf-8');
  head.push('content-length', content.length);
  response.writeHead(status, head);
  return content;
}

const own: OutgoingHttpHeader[] = Object.entries(ownHeaders).flat();
const safety: OutgoingHttpHeader[] = Object.entries(safetyHeaders).flat();

/** `first` and `headers` as a list of names and values, which Node writes much faster than an object put together. */
function headOf(first: readonly OutgoingHttpHeader[], headers: OutgoingHttpHeaders | undefined): OutgoingHttpHeader[] {
  const head = first.slice();
  for (const name in headers) head.push(name, headers[name]!);
  return head;
}
