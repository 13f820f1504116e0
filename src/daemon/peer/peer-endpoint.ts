/** `/peer`: where other daemons open the streams by which their frames come. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { RunId } from '../../crdt/ids.js';
import { BenderError, type ErrorBody, InvalidError } from '../../model/errors.js';
import { isLoopbackUrl } from '../../model/loopback.js';
import { isThisMachine } from '../../model/outward-address.js';
import type { Registry } from '../core/registry.js';
import type { Log } from '../core/log.js';
import type { Gate } from '../http/auth/gate.js';
import { errorAnswer, errorBody } from '../http/errors.js';
import { endWith } from '../http/raw-answer.js';
import { respond } from '../http/send.js';
import { certifiedName, requireName } from '../tls/peer-certificate.js';
import type { Message } from './message.js';
import { MessageStream, peerPath, streamProtocol } from './message-stream.js';
import { PeerTraffic } from './peer-traffic.js';
import { maxStreams, type Slot, StreamSlots } from './stream-slots.js';

/** ms of silence after which a stream ends: a peer sends heartbeats more often. */
const longestSilenceMs = 75_000;

const opening = ['HTTP/1.1 101 Switching Protocols', 'Connection: Upgrade', `Upgrade: ${streamProtocol}`, '', ''].join(
  '\r\n',
);

export class PeerEndpoint {
  readonly #streams = new Set<MessageStream>();
  readonly #slots = new StreamSlots();
  #refused = 0;

  constructor(
    private readonly registry: Pick<Registry, 'awake' | 'receive' | 'isMember'>,
    private readonly log: Log,
    private readonly gate: Pick<Gate, 'enterPeer' | 'endWith'>,
    /** Whether a peer shows a certificate, and not a token. */
    private readonly mutual = false,
    private readonly traffic = new PeerTraffic(),
  ) {}

  /**
   * Opens a stream for a request that asks for one; refuses it, as an HTTP answer, if it may not, or asks for another
   * protocol or too much.
   */
  open(request: IncomingMessage, head: Buffer): void {
    const { socket } = request;
    let certified: string | undefined;
    try {
      certified = this.#enter(request);
    } catch (error) {
      return refuse(socket, error, this.log);
    }
    if (request.headers.upgrade !== streamProtocol) return refuse(socket, wrongProtocol(), this.log);
    const slot: Slot = { isMember: false, evict: () => undefined };
    if (!this.#slots.add(slot)) return refuse(socket, this.#tooMany(), this.log);
    socket.write(opening);
    // What a peer advertises hardly ever changes on one stream, and looking at addresses takes longer than most frames
    // do.
    let advertised: unknown;
    const examine = (frame: unknown): void => {
      if (certified !== undefined) this.#requireName(certified, frame, socket);
      const url = urlOf(frame);
      if (url === advertised) return;
      refuseUnreachable(url, socket.remoteAddress, this.log);
      advertised = url;
    };
    const stream: MessageStream = new MessageStream(
      socket,
      head,
      {
        onMessage: (message) => this.#take(stream, slot, message, examine),
        onEnd: () => {
          this.#streams.delete(stream);
          this.#slots.delete(slot);
        },
      },
      this.traffic,
      true,
    );
    slot.evict = () => stream.end('makes room for another');
    socket.setTimeout(longestSilenceMs, () => stream.end('silent for too long'));
    this.#streams.add(stream);
  }

  /** Answers a request for something else. */
  explain(request: IncomingMessage, response: ServerResponse): void {
    respond(request, response, this.log, () => {
      throw wrongProtocol();
    });
  }

  /** Ends all streams. */
  hangUp(reason: string): void {
    for (const stream of this.#streams) stream.end(reason);
  }

  /** Lets a peer in, or throws. Returns the name that it may go by; undefined: any. */
  #enter(request: IncomingMessage): string | undefined {
    if (this.mutual) return this.#noted(request.socket, () => certifiedName(request.socket));
    const caller = this.gate.enterPeer(request);
    if (caller) this.gate.endWith(caller, request.socket);
    return undefined;
  }

  #requireName(certified: string, frame: unknown, socket: Socket): void {
    this.#noted(socket, () => requireName(certified, frame));
  }

  /** Logs why a certificate is refused. */
  #noted<T>(socket: Socket, check: () => T): T {
    try {
      return check();
    } catch (error) {
      const { code, message } = error as BenderError;
      this.log.warn({ address: socket.remoteAddress, code, reason: message }, 'refused a peer for its certificate');
      throw error;
    }
  }

  #take(
    stream: MessageStream,
    slot: Slot,
    [number, frame]: Message,
    examine: (frame: unknown) => void,
  ): void | Promise<void> {
    // Right after a long suspension, waiting messages are out of date.
    if (!this.registry.awake()) return stream.end('this daemon was paused');
    const answer = (reply: unknown): void => {
      const runId = runIdOf(frame);
      slot.isMember ||= runId !== undefined && this.registry.isMember(runId);
      stream.send([number, reply]);
    };
    const fail = (error: unknown): void => stream.send([number, null, errorBody(error, this.log)]);
    try {
      examine(frame);
      const received = this.registry.receive(frame);
      if (received instanceof Promise) return received.then(answer).catch(fail);
      answer(received);
    } catch (error) {
      fail(error);
    }
  }

  #tooMany(): BenderError {
    this.log.warn({ refused: ++this.#refused }, `refused a stream: ${maxStreams} of members are open`);
    return new BenderError('NOT_READY', 'too many streams of peers are open');
  }
}

const wrongProtocol = (): InvalidError =>
  new InvalidError(`${peerPath} is for daemons of this version: it takes an upgrade to '${streamProtocol}'`);

/** Answers a request whose connection Node has handed over already. */
function refuse(socket: IncomingMessage['socket'], error: unknown, log: Log): void {
  socket.on('error', () => undefined);
  const { status, headers, body } = errorAnswer(error, log);
  endWith(socket, status, body as ErrorBody, headers);
}

/** The URL that the sender of a frame advertises. */
const urlOf = (frame: unknown): unknown => (frame as { from?: { url?: unknown } } | null)?.from?.url;

/** The incarnation that a frame names as its sender. */
function runIdOf(frame: unknown): RunId | undefined {
  const runId = (frame as { from?: { runId?: unknown } } | null)?.from?.runId;
  return typeof runId === 'string' ? (runId as RunId) : undefined;
}

/** Refuses a daemon of another machine that advertises a loopback address: a daemon that used it would call itself. */
export function refuseUnreachable(url: unknown, remote: string | undefined, log: Pick<Log, 'warn'>): void {
  if (typeof url !== 'string' || remote === undefined || !isLoopbackUrl(url) || isThisMachine(remote)) return;
  log.warn({ address: remote, url }, 'refused a peer that advertises a loopback address but is not on this machine');
  throw new InvalidError(
    `you advertise ${url}, which other machines cannot reach: start with --advertise and a reachable URL`,
  );
}
