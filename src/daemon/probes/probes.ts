/**
 * The sockets of the probes. Each probe has a connection of its own, follows no redirect, sends nothing but `GET` of
 * the path, and reads at most {@link mostBytes} of the body.
 */

import { get as getPlain, type IncomingMessage, type RequestOptions } from 'node:http';
import { get as getSecure } from 'node:https';
import { connect, isIP, type LookupFunction } from 'node:net';
import { type Check, formatCheck, probeAgent } from '../../model/check.js';
import type { Probes, ProbeTarget } from '../core/runtime.js';
import { Lookups, type Resolve } from './lookups.js';
import { resolvedRefusal, type Target, targetRefusal, type TargetRules } from './targets.js';

/** Of a body that is longer, the rest is not read. */
const mostBytes = 16 * 1024;

/** Characters of a path in a message. */
const shownCharacters = 100;

export class HostProbes implements Probes {
  readonly #underWay = new Set<AbortController>();
  readonly #lookups: Lookups;

  constructor(
    private readonly rules: TargetRules,
    resolve?: Resolve,
  ) {
    this.#lookups = new Lookups(resolve);
  }

  refusal(target: Target): string | undefined {
    return targetRefusal(target, this.rules);
  }

  async probe({ check, ...at }: ProbeTarget, signal: AbortSignal): Promise<void> {
    const refusal = this.refusal(at);
    if (refusal !== undefined) throw new Error(refusal);
    const over = new AbortController();
    const end = (): void => over.abort();
    signal.addEventListener('abort', end, { once: true });
    this.#underWay.add(over);
    const options = { ...at, lookup: this.#lookupFor(at.port, over.signal), signal: over.signal };
    try {
      await (check.tcp ? connects(options) : responds(options, check));
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      throw new Error(`${formatCheck(check).slice(0, shownCharacters)}: ${code ?? message}`, { cause: error });
    } finally {
      this.#underWay.delete(over);
      signal.removeEventListener('abort', end);
    }
  }

  /** Ends the probes that are under way. */
  close(): void {
    for (const over of this.#underWay) over.abort();
  }

  /** The connection goes to an address that was checked: a second look-up could return another one. */
  #lookupFor(port: number, signal: AbortSignal): LookupFunction {
    const refusalOf = (name: string, host: string): string | undefined =>
      resolvedRefusal(name, { host, port }, this.rules);
    return (name, options, done) => {
      this.#lookups.addressesOf(name, signal, (error, addresses) => {
        const refusal = addresses?.map(({ address }) => refusalOf(name, address)).find(Boolean);
        if (error) done(error, []);
        else if (refusal !== undefined) done(new Error(refusal), []);
        else if (options.all) done(null, addresses);
        else done(null, addresses[0]!.address, addresses[0]!.family);
      });
    };
  }
}

type SocketOptions = Pick<ProbeTarget, 'host' | 'port'> & { lookup: LookupFunction; signal: AbortSignal };

/** Resolves when the connection is accepted. */
const connects = ({ signal, ...options }: SocketOptions): Promise<void> =>
  new Promise((resolve, reject) => {
    const socket = connect(options);
    const end = (): void => void socket.destroy(new Error('it was ended'));
    signal.addEventListener('abort', end, { once: true });
    socket.once('connect', () => {
      resolve();
      socket.destroy();
    });
    socket.once('close', () => signal.removeEventListener('abort', end));
    socket.on('error', reject);
  });

/** Resolves when a response of 2xx or 3xx is complete, or long. */
const responds = (options: SocketOptions, { http, https, skipVerify }: Check): Promise<void> =>
  new Promise((resolve, reject) => {
    const request: RequestOptions = {
      ...options,
      path: http ?? https,
      agent: false,
      headers: { 'user-agent': probeAgent, accept: '*/*' },
    };
    const onResponse = (response: IncomingMessage): void => {
      const { statusCode = 0 } = response;
      if (statusCode < 200 || statusCode >= 400) {
        reject(new Error(String(statusCode)));
        sent.destroy();
        return;
      }
      let bytes = 0;
      response.on('data', ({ length }: Buffer) => {
        bytes += length;
        if (bytes < mostBytes) return;
        resolve();
        sent.destroy();
      });
      response.on('end', resolve);
      response.on('error', reject);
    };
    const sent =
      https === undefined
        ? getPlain(request, onResponse)
        : getSecure({ ...request, ...tlsFor(options.host, skipVerify) }, onResponse);
    sent.on('upgrade', (response, socket) => {
      socket.destroy();
      reject(new Error(String(response.statusCode)));
    });
    sent.on('error', reject);
  });

/** An address is no name for SNI. */
const tlsFor = (host: string, skipVerify: boolean | undefined) => ({
  rejectUnauthorized: !skipVerify,
  ...(isIP(host) === 0 && { servername: host }),
});
