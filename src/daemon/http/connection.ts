/**
 * One client's connection: its requests that are not answered yet, and its input that waits.
 *
 * Node parses all that it has read at once, up to 64 KiB, which may be two thousand requests. From a connection that
 * sends more than a few ahead of their answers, the bytes are therefore taken over and handed to Node's parser in small
 * pieces.
 */

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Requests of one connection that may be begun and not answered. */
export const unansweredMost = 32;

/** Bytes that are parsed at a time: some dozen of the shortest requests. */
const pieceBytes = 1024;

/** The same inside a body, where parsing costs nearly nothing. */
const bodyPieceBytes = 16 * 1024;

/** ms after which a connection that Node holds back is looked at again. */
const lookAgainMs = 10;

type Parsed = [request: IncomingMessage, response: ServerResponse];

export class Connection {
  /** Requests that were begun and are not answered. */
  unanswered = 0;
  /** Whether it has become a stream, which is nothing to count here. */
  isReleased = false;
  /** Whether it waits for its turn, and since when. */
  queuedAt: number | undefined;
  /** Requests that came so far. */
  #seen = 0;
  #pipelines = false;
  #stopped = false;
  #again: NodeJS.Timeout | undefined;
  #lastRequest: IncomingMessage | undefined;
  #lastResponse: ServerResponse | undefined;
  /** The one before it. */
  #responseBefore: ServerResponse | undefined;
  /** Parsed and not begun. */
  #parsed: Parsed[] = [];
  /** Read and not parsed. */
  #chunks: Buffer[] = [];
  /** Node's own listener, once bytes pass through here. */
  #parse: ((chunk: Buffer) => void) | undefined;

  constructor(
    readonly socket: Socket,
    private readonly on: {
      /** Something was read, and waits. */
      read: (connection: Connection) => void;
      /** A request was answered while others wait. */
      free: (connection: Connection) => void;
      /** So many bytes more (or fewer) wait. */
      waiting: (bytes: number) => void;
    },
  ) {}

  get isFull(): boolean {
    return this.unanswered >= unansweredMost;
  }

  get hasParsed(): boolean {
    return this.#parsed.length > 0;
  }

  /** Whether something waits that came by it. */
  get hasWork(): boolean {
    return this.hasParsed || this.#chunks.length > 0;
  }

  get isTakenOver(): boolean {
    return this.#parse !== undefined;
  }

  /** Whether a request has come that is not whole yet. */
  get isReceiving(): boolean {
    return this.#lastRequest !== undefined && !this.#lastRequest.complete;
  }

  /** Has what is read from now on wait here, and go to the parser by {@link parseSome}. */
  takeOver(): void {
    const [parse] = this.socket.listeners('data') as ((chunk: Buffer) => void)[];
    if (this.#parse || !parse) return;
    this.#parse = parse;
    this.socket.removeListener('data', parse);
    this.socket.on('data', this.#take);
  }

  /** Ends {@link takeOver} when the connection becomes a stream. Returns the input that was not parsed. */
  release(): Buffer {
    this.isReleased = true;
    this.socket.removeListener('data', this.#take);
    this.#parse = undefined;
    return Buffer.concat(this.#clear());
  }

  /** A request is here, and is to wait. */
  defer(request: IncomingMessage, response: ServerResponse): void {
    this.#parsed.push([request, response]);
    if (this.#parsed.length > 1) this.socket.pause();
  }

  /** A request is here. */
  note(request: IncomingMessage): void {
    this.#seen++;
    this.#lastRequest = request;
  }

  begin(response: ServerResponse): void {
    if (this.unanswered++ > 0) this.#pipelines = true;
    this.#responseBefore = this.#lastResponse;
    this.#lastResponse = response;
  }

  /** A request has its answer, at least in Node's hands. */
  answered(): void {
    if (--this.unanswered === 0) {
      if (this.#lastRequest?.complete) this.#lastRequest = undefined;
      // Without pipelining it is in the socket already, in its place.
      if (!this.#pipelines) this.#lastResponse = this.#responseBefore = undefined;
    }
    if (this.hasWork) this.on.free(this);
  }

  nextParsed(): Parsed | undefined {
    return this.#parsed.shift();
  }

  /** Calls `run` once all earlier requests are answered. */
  afterAnswers(run: () => void): void {
    afterResponse(this.#parsed.at(-1)?.[1] ?? this.#lastResponse, run);
  }

  /**
   * The same without a request whose body cannot go on: its handler would wait for the rest. One that asks for no body
   * is answered by its handler, which has done what it was asked for.
   */
  afterWholeRequests(run: () => void): void {
    const last = this.#parsed.at(-1) ?? [this.#lastResponse?.req, this.#lastResponse];
    const isLast = this.isReceiving && last[0] === this.#lastRequest;
    const isBroken = isLast && waitsForBody(last[0]) && last[1]?.headersSent === false;
    if (!isBroken) return this.afterAnswers(run);
    if (this.#parsed.pop()) this.afterAnswers(run);
    else afterResponse(this.#responseBefore, run);
  }

  /**
   * Parses waiting bytes until so many requests have come, or `isOver`. Each is told to Node's server as usual.
   * Returns how many may still come.
   */
  parseSome(quota: number, isOver: () => boolean): number {
    while (quota > 0 && this.#chunks.length > 0 && !this.isFull && !this.hasParsed && !isOver()) {
      if (this.isHeld) break;
      const seen = this.#seen;
      this.#parse!.call(this.socket, this.#nextPiece());
      quota -= this.#seen - seen;
      if (!this.#parse) break;
    }
    return quota;
  }

  /**
   * Whether Node takes nothing more of it, since too much of what it was answered has not left. Its parser must not be
   * called then, nor the socket be resumed: Node does that itself.
   */
  get isHeld(): boolean {
    return (this.socket as { _paused?: boolean })._paused === true;
  }

  /** Has it looked at again when Node may have let go of it, which it does without telling. */
  lookAgain(): void {
    this.#again ??= setTimeout(() => {
      this.#again = undefined;
      if (this.hasWork && !this.#stopped) this.on.free(this);
    }, lookAgainMs).unref();
  }

  /** Reads on. */
  resume(): void {
    if (!this.#stopped && !this.isHeld && this.socket.isPaused()) this.socket.resume();
  }

  /** Ignores further input: the client has sent something that cannot be parsed. */
  stopReading(): void {
    this.#clear();
    this.#stopped = true;
    this.socket.pause();
  }

  /** It is closed. */
  stop(): void {
    this.stopReading();
    this.#parsed = [];
  }

  readonly #take = (chunk: Buffer): void => {
    if (this.#stopped) return;
    this.#chunks.push(chunk);
    this.on.waiting(chunk.length);
    this.on.read(this);
  };

  #clear(): Buffer[] {
    const chunks = this.#chunks.splice(0);
    for (const { length } of chunks) this.on.waiting(-length);
    return chunks;
  }

  #nextPiece(): Buffer {
    const chunk = this.#chunks[0]!;
    const size = Math.min(chunk.length, this.isReceiving ? bodyPieceBytes : pieceBytes);
    this.on.waiting(-size);
    if (chunk.length === size) return this.#chunks.shift()!;
    this.#chunks[0] = chunk.subarray(size);
    return chunk.subarray(0, size);
  }
}

const waitsForBody = (request: IncomingMessage | undefined): boolean =>
  request?.method === 'POST' || request?.method === 'PUT';

function afterResponse(response: ServerResponse | undefined, run: () => void): void {
  if (!response || response.writableFinished || response.destroyed) run();
  else response.once('close', run);
}

const key = Symbol('connection');
type Tracked = Socket & { [key]?: Connection };

/** The connection of a socket; undefined if it is not tracked. */
export const connectionOf = (socket: Socket): Connection | undefined => (socket as Tracked)[key];

export function track(connection: Connection): void {
  (connection.socket as Tracked)[key] = connection;
}
