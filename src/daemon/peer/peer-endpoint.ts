/** `/peer`: where other daemons open the streams by which their frames come. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { InvalidError } from '../../model/errors.js';
import { isLoopback, isLoopbackUrl } from '../../model/loopback.js';
import type { Registry } from '../core/registry.js';
import type { Log } from '../core/runtime.js';
import { type Message, MessageStream, peerPath, streamProtocol } from './message-stream.js';
import { errorBody } from '../http/errors.js';
import { respond } from '../http/send.js';

/** ms of silence after which a stream ends: whoever is there sends heartbeats more often. */
const longestSilence = 75_000;

const opening = [
  'HTTP/1.1 101 Switching Protocols',
  'Connection: Upgrade',
  `Upgrade: ${streamProtocol}`,
  '',
  '',
];

export class PeerEndpoint {
  readonly #streams = new Set<MessageStream>();

  constructor(
    private readonly registry: Pick<Registry, 'awake' | 'receive'>,
    private readonly log: Log,
  ) {}

  /** Opens a stream for who asked for it. */
  open({ socket }: IncomingMessage, head: Buffer): void {
    const remote = socket.remoteAddress;
    // Who advertises what hardly ever changes on one stream, and looking at addresses takes longer than most frames do.
    let advertised: unknown;
    const examine = (frame: unknown): void => {
      const url = urlOf(frame);
      if (url === advertised) return;
      refuseUnreachable(url, remote, this.log);
      advertised = url;
    };
    socket.write(opening.join('\r\n'));
    const stream = new MessageStream(socket, head, {
      onMessage: (message) => this.#take(stream, message, examine),
      onEnd: () => this.#streams.delete(stream),
    });
    socket.setTimeout(longestSilence, () => stream.end('silent for too long'));
    this.#streams.add(stream);
  }

  /** Answers who asks for something else. */
  explain(request: IncomingMessage, response: ServerResponse): void {
    respond(request, response, this.log, () => {
      throw new InvalidError(
        `${peerPath} is for daemons of this version: it takes an upgrade to '${streamProtocol}'`,
      );
    });
  }

  /** Ends all streams. */
  close(): void {
    for (const stream of this.#streams) stream.end('this daemon stops');
  }

  #take(stream: MessageStream, [number, frame]: Message, examine: (frame: unknown) => void): void {
    // Right after a long pause, what had been waiting is of another time.
    if (!this.registry.awake()) return stream.end('this daemon was paused');
    const refuse = (error: unknown): void => stream.send([number, null, errorBody(error, this.log)]);
    try {
      examine(frame);
      const answer = this.registry.receive(frame);
      if (answer instanceof Promise) answer.then((late) => stream.send([number, late])).catch(refuse);
      else stream.send([number, answer]);
    } catch (error) {
      refuse(error);
    }
  }
}

/** What the sender of a frame advertises, if it is one. */
const urlOf = (frame: unknown): unknown => (frame as { from?: { url?: unknown } } | null)?.from?.url;

/** Refuses a daemon elsewhere that advertises a loopback address: whoever believed it would call himself. */
export function refuseUnreachable(url: unknown, remote: string | undefined, log: Log): void {
  if (typeof url !== 'string' || remote === undefined || !isLoopbackUrl(url) || isLoopback(remote)) return;
  log.warn({ url, remote }, 'refused a peer that advertises a loopback address but is not on this machine');
  throw new InvalidError(
    `you advertise ${url}, which nobody outside your machine can reach: start with --advertise and a reachable URL`,
  );
}
