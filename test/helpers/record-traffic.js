/** Records what HTTP servers of this process are asked, and what they answer. */

import { subscribe, unsubscribe } from 'node:diagnostics_channel';

/** Bytes of a body above which only the rest of an exchange is recorded. */
const bodyMost = 256 * 1024;

/** Calls `onExchange` with each exchange of the servers that `isRecorded` accepts. Returns what ends that. */
export function recordTraffic(isRecorded, onExchange) {
  const onRequest = ({ request, response, server }) => {
    if (isRecorded(server)) follow(request, response, (exchange) => onExchange(exchange, server));
  };
  subscribe(started, onRequest);
  return () => unsubscribe(started, onRequest);
}

const started = 'http.server.request.start';

function follow(request, response, onExchange) {
  const [asked, answered] = [new Body(), new Body()];
  let head = [];
  let isInside = false;
  const { push } = request;
  const { writeHead, write, end } = response;
  const exchange = (body) => ({
    method: request.method,
    url: request.url,
    requestHeaders: request.headers,
    requestBody: asked.text,
    status: response.statusCode,
    headers: { ...response.getHeaders(), ...pairsOf(head) },
    body,
  });
  const isStream = () => String(pairsOf(head)['content-type']).startsWith('text/event-stream');
  /** Of a stream, an exchange for each block of it, since it may never end. */
  const take = (data, encoding) => {
    if (typeof data !== 'string' && !Buffer.isBuffer(data)) return;
    answered.add(data, encoding);
    if (!isStream()) return;
    for (const block of answered.blocks()) onExchange(exchange(block));
  };
  const inside = (call) => {
    isInside = true;
    try {
      return call();
    } finally {
      isInside = false;
    }
  };
  request.push = (chunk, ...rest) => {
    if (chunk) asked.add(chunk);
    return push.call(request, chunk, ...rest);
  };
  response.writeHead = (...args) => {
    head = args.at(-1);
    return writeHead.apply(response, args);
  };
  response.write = (...args) => {
    take(...args);
    const result = inside(() => write.apply(response, args));
    if (isStream()) followSocket();
    return result;
  };
  response.end = (...args) => {
    take(...args);
    const result = inside(() => end.apply(response, args));
    if (!isStream()) onExchange(exchange(answered.text));
    return result;
  };

  /** Daemons write the chunks of a stream by themselves: see src/daemon/http/chunks.ts. */
  let isFollowed = false;
  const followSocket = () => {
    const { socket } = response;
    if (isFollowed || !socket) return;
    isFollowed = true;
    const writeSocket = socket.write;
    socket.write = (...args) => {
      const [data] = args;
      const size = isInside || !Buffer.isBuffer(data) ? -1 : data.indexOf('\r\n');
      if (size > 0 && !response.writableEnded) take(data.subarray(size + 2, -2));
      return writeSocket.apply(socket, args);
    };
  };
}

class Body {
  #chunks = [];
  #size = 0;

  add(chunk, encoding) {
    const bytes = Buffer.from(chunk, typeof encoding === 'string' ? encoding : 'utf8');
    this.#size += bytes.length;
    if (this.#size <= bodyMost) this.#chunks.push(bytes);
    else this.#chunks = [];
  }

  /** Undefined if there is none; null if it is too long. */
  get text() {
    if (this.#size > bodyMost) return null;
    return this.#size === 0 ? undefined : Buffer.concat(this.#chunks).toString();
  }

  /** The complete blocks of an event stream, which are then gone. */
  blocks() {
    if (this.#size > bodyMost) return [];
    const blocks = (this.text ?? '').split('\n\n');
    const rest = Buffer.from(blocks.pop());
    [this.#chunks, this.#size] = [[rest], rest.length];
    return blocks;
  }
}

/** Headers as writeHead takes them: an object, or names and values in turn. */
function pairsOf(head) {
  if (!Array.isArray(head)) return typeof head === 'object' && head !== null ? head : {};
  const pairs = {};
  for (let at = 0; at < head.length; at += 2) pairs[String(head[at]).toLowerCase()] = head[at + 1];
  return pairs;
}
