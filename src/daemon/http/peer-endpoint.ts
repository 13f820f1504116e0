/** `POST /peer`: where other daemons bring their frames. Ahead of Express, for there is nothing to route. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { BenderError, InvalidError } from '../../model/errors.js';
import { isLoopback, isLoopbackUrl } from '../../model/loopback.js';
import type { Registry } from '../core/registry.js';
import type { Log } from '../core/runtime.js';
import { decodeFrame, encodeFrame, frameContentType, maxFrameBytes, peerPath } from '../frame-codec.js';
import { readBody } from './body.js';
import { MethodNotAllowedError } from './errors.js';
import type { Reply } from './route.js';
import { respond } from './send.js';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

export function createPeerEndpoint(registry: Pick<Registry, 'receive'>, log: Log): Handler {
  return (request, response) =>
    respond(request, response, log, async (): Promise<Reply> => {
      if (request.method !== 'POST') throw new MethodNotAllowedError(request.method!, peerPath, 'POST');
      if (request.headers['content-type'] !== frameContentType)
        throw new BenderError('UNSUPPORTED_MEDIA_TYPE', `content-type must be ${frameContentType}`);
      const frame = parse(await readBody(request, maxFrameBytes));
      refuseUnreachable(frame, request.socket.remoteAddress, log);
      const body = encodeFrame(registry.receive(frame));
      return { status: 200, headers: { 'content-type': frameContentType }, body };
    });
}

function parse(bytes: Buffer): unknown {
  try {
    return decodeFrame(bytes);
  } catch (error) {
    throw new InvalidError('the body is not CBOR', { cause: error });
  }
}

/** Refuses a daemon elsewhere that advertises a loopback address: whoever believed it would call himself. */
export function refuseUnreachable(frame: unknown, remote: string | undefined, log: Log): void {
  const url = (frame as { from?: { url?: unknown } } | null)?.from?.url;
  if (typeof url !== 'string' || remote === undefined || !isLoopbackUrl(url) || isLoopback(remote)) return;
  log.warn({ url, remote }, 'refused a peer that advertises a loopback address but is not on this machine');
  throw new InvalidError(
    `you advertise ${url}, which nobody outside your machine can reach: start with --advertise and a reachable URL`,
  );
}
