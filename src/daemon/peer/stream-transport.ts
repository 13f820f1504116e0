/** Frames to peers, over a stream to each that stays open. */

import * as http from 'node:http';
import * as https from 'node:https';
import { isIP, type LookupFunction, type Socket } from 'node:net';
import { promises as dns } from 'node:dns';
import { BenderError, CertificateError, type ErrorBody, UnreachableError } from '../../model/errors.js';
import type { Frame } from '../core/replication/frame.js';
import { parsePeerAddress } from '../core/replication/peer-address.js';
import type { Transport } from '../core/runtime.js';
import { readBody } from '../http/body.js';
import { contextOf } from '../tls/listener.js';
import type { Material } from '../tls/material.js';
import { certifiedName, requireName } from '../tls/peer-certificate.js';
import type { Message } from './message.js';
import { MessageStream, peerPath, streamProtocol } from './message-stream.js';
import { PeerTraffic } from './peer-traffic.js';

export interface TransportOptions {
  /** The token to show to peers. */
  token?: () => string | undefined;
  /** What to show and to trust over TLS. With a CA, peers must show a certificate of it, and go by the name in it. */
  tls?: (() => Material) | undefined;
  /** Where to count what passes. */
  traffic?: PeerTraffic;
}

export class StreamTransport implements Transport {
  readonly #connections = new Map<string, Connection>();

  readonly #traffic: PeerTraffic;

  constructor(private readonly options: TransportOptions = {}) {
    this.#traffic = options.traffic ?? new PeerTraffic();
  }

  exchange(url: string, frame: Frame, timeoutMs: number, onThere?: () => void): Promise<Frame> {
    const refusal = this.#refusal(url);
    if (refusal) return Promise.reject(refusal);
    const connection = this.#connections.get(url) ?? this.#connect(url);
    if (onThere) connection.whenConnected(onThere);
    const begunAt = performance.now();
    const answer = connection.exchange(frame, timeoutMs);
    answer.then(
      () => this.#traffic.answered(performance.now() - begunAt),
      () => this.#traffic.failures++,
    );
    return answer;
  }

  async lookup(name: string): Promise<string[]> {
    const found = await dns.lookup(name, { all: true });
    return found.map(({ address }) => address);
  }

  hangUp(url: string): void {
    this.#connections.get(url)?.fail('given up');
  }

  /** Closes all connections. */
  close(reason = 'this daemon stops'): void {
    for (const connection of [...this.#connections.values()]) connection.fail(reason);
  }

  /** With a CA, nothing is sent to a program that cannot show a certificate. */
  #refusal(url: string): BenderError | undefined {
    if (url.startsWith('https:') || this.options.tls?.().ca === undefined) return undefined;
    return new CertificateError('CERTIFICATE_MISSING', `${url}: daemons of this cluster are called by https`);
  }

  #connect(url: string): Connection {
    const connection = new Connection(url, this.options, this.#traffic, () => {
      if (this.#connections.get(url) === connection) this.#connections.delete(url);
    });
    this.#connections.set(url, connection);
    return connection;
  }
}

/** An exchange that is under way. */
interface Exchange {
  resolve(answer: Frame): void;
  reject(error: BenderError): void;
  deadline: NodeJS.Timeout;
}

/** Bytes of an answer that is no stream: the error of a daemon, or of something else. */
const maxRefusalBytes = 64 * 1024;

/** The connection to one peer. A frame that is sent over it is answered over it, or fails with it. */
class Connection {
  private readonly url: string;
  readonly #request: http.ClientRequest;
  #stream: MessageStream | undefined;
  readonly #underWay = new Map<number, Exchange>();
  #lastNumber = 0;
  /** The name that the peer may go by; undefined: any. */
  #certified: string | undefined;
  /** Messages that wait for the stream to open. */
  #unsent: Message[] = [];

  constructor(
    where: string,
    { token, tls }: TransportOptions,
    traffic: PeerTraffic,
    /** Called when the next exchange needs another connection. */
    private readonly onEnd: () => void,
  ) {
    const { url, address } = parsePeerAddress(where);
    this.url = url;
    const target = new URL(peerPath, url);
    const { request } = target.protocol === 'https:' ? https : http;
    const shown = token?.();
    const material = target.protocol === 'https:' ? tls?.() : undefined;
    this.#request = request(target, {
      agent: false,
      // Whatever NODE_TLS_REJECT_UNAUTHORIZED says: with a CA, no token goes to what has not shown its certificate.
      ...(material && { ...contextOf(material), ...(material.ca !== undefined && { rejectUnauthorized: true }) }),
      ...(address !== undefined && { lookup: always(address) }),
      headers: {
        connection: 'upgrade',
        upgrade: streamProtocol,
        ...(shown !== undefined && { authorization: `Bearer ${shown}` }),
      },
    });
    this.#request.on('error', (error) => this.fail(error.message));
    this.#request.on('response', (response) => {
      this.#onRefusal(response).catch((error: Error) => this.fail(error.message));
    });
    this.#request.on('upgrade', ({ headers }, socket, head) => {
      if (headers.upgrade !== streamProtocol) {
        socket.destroy();
        return this.#end(
          new BenderError('CLUSTER_MISMATCH', `${url} is a daemon of a version that does not go with this one`),
        );
      }
      try {
        if (material?.ca !== undefined) this.#certified = certifiedName(socket);
      } catch (error) {
        socket.destroy();
        return this.#end(error as BenderError);
      }
      const listener = {
        onMessage: (message: Message) => this.#onAnswer(message),
        onEnd: (reason: string) => this.fail(reason),
      };
      this.#stream = new MessageStream(socket, head, listener, traffic);
      for (const message of this.#unsent.splice(0)) this.#send(message);
    });
    this.#request.end();
  }

  exchange(frame: Frame, timeoutMs: number): Promise<Frame> {
    return new Promise((resolve, reject) => {
      const number = ++this.#lastNumber;
      const deadline = setTimeout(() => this.#giveUp(number, timeoutMs), timeoutMs);
      this.#underWay.set(number, { resolve, reject, deadline });
      if (this.#stream) this.#send([number, frame]);
      else this.#unsent.push([number, frame]);
    });
  }

  /** Sends a message. If it cannot be encoded, or is too long, only its exchange fails. */
  #send(message: Message): void {
    try {
      this.#stream!.send(message);
    } catch (error) {
      this.#settle(message[0])?.reject(error as BenderError);
    }
  }

  /** Calls back when the connection is accepted. The peer may still be too busy to agree to a stream. */
  whenConnected(then: () => void): void {
    const { socket } = this.#request;
    if (socket) whenOpen(socket, then);
    else this.#request.once('socket', (assigned) => whenOpen(assigned, then));
  }

  fail(reason: string): void {
    this.#end(new UnreachableError(`${this.url}: ${reason}`));
  }

  #end(error: BenderError): void {
    this.onEnd();
    for (const number of [...this.#underWay.keys()]) this.#settle(number)?.reject(error);
    this.#close();
  }

  /**
   * The next exchange opens a new connection, since the network may have changed. Pending ones may still be answered.
   */
  #giveUp(number: number, timeoutMs: number): void {
    this.onEnd();
    this.#settle(number)?.reject(new UnreachableError(`${this.url}: no answer within ${timeoutMs} ms`));
    if (this.#underWay.size === 0) this.#close();
  }

  #close(): void {
    this.#request.destroy();
    this.#stream?.end('closed');
  }

  #settle(number: number): Exchange | undefined {
    const exchange = this.#underWay.get(number);
    this.#underWay.delete(number);
    clearTimeout(exchange?.deadline);
    return exchange;
  }

  #onAnswer([number, frame, refusal]: Message): void {
    const exchange = this.#settle(number);
    if (this.#certified !== undefined && !refusal) {
      try {
        requireName(this.#certified, frame);
      } catch (error) {
        return exchange?.reject(error as BenderError);
      }
    }
    if (refusal) exchange?.reject(new BenderError(refusal.code, refusal.message));
    else exchange?.resolve(frame as Frame);
  }

  /** The peer answered but refused the upgrade: everything fails with its error. */
  async #onRefusal(response: http.IncomingMessage): Promise<void> {
    const body = await readBody(response, maxRefusalBytes).catch(() => Buffer.alloc(0));
    this.#end(asError(this.url, response.statusCode!, body));
  }
}

/** A look-up that always returns this address. */
const always =
  (address: string): LookupFunction =>
  (_, { all }, callback) => {
    const family = isIP(address);
    if (all) callback(null, [{ address, family }]);
    else callback(null, address, family);
  };

function whenOpen(socket: Socket, then: () => void): void {
  if (socket.connecting) socket.once('connect', then);
  else then();
}

/** The error that the peer refused with; anything that is none of ours means that no daemon answered. */
function asError(url: string, status: number, body: Buffer): BenderError {
  try {
    const { code, message } = JSON.parse(body.toString()) as ErrorBody;
    if (typeof code === 'string' && typeof message === 'string') return new BenderError(code, message);
  } catch {
    // Not ours.
  }
  return new UnreachableError(`${url}: answered ${status} with something that is no bender error`);
}
