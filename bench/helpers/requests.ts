/**
 * Many small requests to one server on loopback, over a bounded number of kept-alive connections. Written on
 * sockets: Node's HTTP client takes longer for a request than what is measured takes to answer it.
 */

import { connect, type Socket } from 'node:net';
import { connect as connectSecurely } from 'node:tls';

export interface Answer {
  status: number;
  body: string;
}

interface Asked {
  text: string;
  resolve: (answer: Answer) => void;
  reject: (error: Error) => void;
}

export class Requests {
  readonly #free: Connection[] = [];
  readonly #waiting: Asked[] = [];
  #open = 0;
  #closed = false;

  constructor(
    private readonly port: number,
    private readonly connections = 32,
    /** Of every request. */
    private readonly headers: Record<string, string> = {},
    /** Whether the server speaks TLS. Its certificate is not verified. */
    private readonly overTls = false,
  ) {}

  /** A body that is no text is sent as JSON. Rejects where the connection fails. */
  send(method: string, path: string, body?: unknown): Promise<Answer> {
    const text = requestText({
      method,
      path,
      headers: this.headers,
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    return new Promise((resolve, reject) => {
      this.#waiting.push({ text, resolve, reject });
      this.#next();
    });
  }

  close(): void {
    this.#closed = true;
    for (const connection of this.#free) connection.close();
  }

  #next(): void {
    if (this.#waiting.length === 0) return;
    const connection = this.#free.pop() ?? this.#another();
    connection?.ask(this.#waiting.shift()!);
  }

  #another(): Connection | undefined {
    if (this.#open === this.connections) return undefined;
    this.#open++;
    const connection = new Connection(this.port, this.overTls, {
      onFree: () => {
        if (this.#closed) return connection.close();
        this.#free.push(connection);
        this.#next();
      },
      onGone: () => {
        this.#open--;
        const place = this.#free.indexOf(connection);
        if (place !== -1) this.#free.splice(place, 1);
        this.#next();
      },
    });
    return connection;
  }
}

/** One request at a time. */
class Connection {
  readonly #socket: Socket;
  #asked: Asked | undefined;
  #read: Buffer = Buffer.alloc(0);

  constructor(
    port: number,
    overTls: boolean,
    private readonly on: { onFree: () => void; onGone: () => void },
  ) {
    const to = { port, host: '127.0.0.1' };
    this.#socket = overTls ? connectSecurely({ ...to, rejectUnauthorized: false }) : connect(to);
    this.#socket.setNoDelay();
    this.#socket.on('data', (chunk) => this.#hear(chunk));
    this.#socket.on('error', () => undefined);
    this.#socket.on('close', () => {
      const asked = this.#asked;
      this.#asked = undefined;
      asked?.reject(new Error('the connection was closed'));
      on.onGone();
    });
  }

  ask(asked: Asked): void {
    this.#asked = asked;
    this.#socket.write(asked.text);
  }

  close(): void {
    this.#socket.destroy();
  }

  #hear(chunk: Buffer): void {
    this.#read = this.#read.length === 0 ? chunk : Buffer.concat([this.#read, chunk]);
    const answer = readAnswer(this.#read);
    if (!answer) return;
    this.#read = Buffer.alloc(0);
    const asked = this.#asked!;
    this.#asked = undefined;
    if (answer.closing) this.close();
    else this.on.onFree();
    asked.resolve(answer);
  }
}

/** One request as it is written down. */
export interface Message {
  method: string;
  path: string;
  /** JSON. */
  body?: string;
  headers?: Record<string, string>;
}

export function requestText({ method, path, body, headers = {} }: Message): string {
  const all: Record<string, string> = { host: '127.0.0.1', ...headers };
  if (body !== undefined) {
    all['content-type'] = 'application/json';
    all['content-length'] = String(Buffer.byteLength(body));
  } else if (method !== 'GET') all['content-length'] = '0';
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body ?? ''}`;
}

/**
 * The answer at the start of what was read, once it is whole. Its length must have been said, or that of its pieces.
 */
export function readAnswer(read: Buffer): (Answer & { closing: boolean }) | undefined {
  const end = read.indexOf('\r\n\r\n');
  if (end === -1) return undefined;
  const head = read.toString('latin1', 0, end).toLowerCase();
  const status = Number(head.slice(9, 12));
  const closing = head.includes('\r\nconnection: close');
  if (/\r\ntransfer-encoding: *chunked/.test(head)) {
    const body = readPieces(read, end + 4);
    return body === undefined ? undefined : { status, body, closing };
  }
  const said = /\r\ncontent-length: *(\d+)/.exec(head);
  if (!said && status !== 204 && status !== 304) throw new Error(`an answer of no known length: ${head}`);
  const length = said && status !== 304 ? Number(said[1]) : 0;
  if (read.length < end + 4 + length) return undefined;
  return {
    status,
    body: read.toString('utf8', end + 4, end + 4 + length),
    closing,
  };
}

/** A chunked body, once it is whole. */
function readPieces(read: Buffer, from: number): string | undefined {
  const pieces: Buffer[] = [];
  for (let at = from; ;) {
    const begin = read.indexOf('\r\n', at) + 2;
    if (begin === 1) return undefined;
    const end = begin + parseInt(read.toString('latin1', at, begin), 16);
    if (read.length < end + 2) return undefined;
    if (end === begin) return Buffer.concat(pieces).toString('utf8');
    pieces.push(read.subarray(begin, end));
    at = end + 2;
  }
}

/** Does `work` for 0 to `count` - 1, so many at a time. */
export async function inParallel(
  count: number,
  width: number,
  work: (index: number) => Promise<unknown>,
): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: Math.min(width, count) }, worker));
}

export const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
