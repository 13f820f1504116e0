/** Frames to peers, posted over kept-alive HTTP connections. */

import * as http from 'node:http';
import * as https from 'node:https';
import { urlToHttpOptions } from 'node:url';
import { BenderError, UnreachableError, type ErrorBody } from '../model/errors.js';
import type { Frame } from './core/frame.js';
import type { Transport } from './core/runtime.js';
import { decodeFrame, encodeFrame, frameContentType, maxFrameBytes, peerPath } from './frame-codec.js';
import { readBody } from './http/body.js';

/** Addresses whose parts are remembered. */
const targetsKept = 1000;

export class HttpTransport implements Transport {
  readonly #agents = {
    'http:': new http.Agent({ keepAlive: true }),
    'https:': new https.Agent({ keepAlive: true }),
  };
  readonly #targets = new Map<string, Target>();

  async exchange(url: string, frame: Frame, timeoutMs: number, onThere?: () => void): Promise<Frame> {
    const { request, options } = this.#target(url);
    const bytes = encodeFrame(frame);
    const outgoing = request({
      ...options,
      headers: { 'content-type': frameContentType, 'content-length': bytes.length },
    });
    if (onThere) whenConnected(outgoing, onThere);
    // One deadline for connecting, sending and receiving: the socket does not outlive it.
    const deadline = setTimeout(
      () => outgoing.destroy(new Error(`no answer within ${timeoutMs} ms`)),
      timeoutMs,
    );
    try {
      const { status, body } = await roundTrip(outgoing, bytes);
      if (status !== 200) throw asError(url, status, body);
      return decodeFrame(body) as Frame;
    } catch (error) {
      outgoing.destroy();
      if (error instanceof BenderError) throw error;
      throw new UnreachableError(`${url}: ${(error as Error).message}`, { cause: error });
    } finally {
      clearTimeout(deadline);
    }
  }

  #target(url: string): Target {
    let target = this.#targets.get(url);
    if (!target) {
      target = targetOf(url, this.#agents);
      if (this.#targets.size >= targetsKept) this.#targets.clear();
      this.#targets.set(url, target);
    }
    return target;
  }

  /** Closes the connections that are kept. */
  close(): void {
    for (const agent of Object.values(this.#agents)) agent.destroy();
  }
}

/** How to reach a peer. */
interface Target {
  request: typeof http.request;
  options: https.RequestOptions;
}

function targetOf(url: string, agents: { 'http:': http.Agent; 'https:': https.Agent }): Target {
  const address = new URL(peerPath, url);
  const isSecure = address.protocol === 'https:';
  return {
    request: isSecure ? https.request : http.request,
    options: {
      ...urlToHttpOptions(address),
      method: 'POST',
      agent: agents[isSecure ? 'https:' : 'http:'],
    },
  };
}

function whenConnected(request: http.ClientRequest, then: () => void): void {
  request.once('socket', (socket) => {
    if (socket.connecting) socket.once('connect', then);
    else then();
  });
}

function roundTrip(request: http.ClientRequest, body: Buffer): Promise<{ status: number; body: Buffer }> {
  return new Promise((resolve, reject) => {
    request.on('error', reject);
    request.on('response', (response) => {
      readBody(response, maxFrameBytes).then(
        (bytes) => resolve({ status: response.statusCode!, body: bytes }),
        reject,
      );
    });
    request.end(body);
  });
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
