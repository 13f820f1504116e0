/**
 * Lets requests in, or refuses them, by their tokens and the table in access.ts. Without a tokens file every caller may
 * do everything.
 */

import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { AccessError, type AccessCode, TooManyRequestsError } from '../../../model/errors.js';
import type { Need } from '../../../model/roles.js';
import type { Log } from '../../core/log.js';
import { accessOf, type Access } from './access.js';
import { traceOf } from '../errors.js';
import type { LoadCounters } from '../load-counters.js';
import type { Caller } from './caller.js';
import { FailureBrake } from './failure-brake.js';
import type { Found, Tokens } from './tokens.js';

/** What callers without a token may do, if there are tokens. */
export type Anonymous = 'none' | 'read';

/** The tokens as they are now. */
export interface TokenSource {
  readonly tokens: Tokens;
  /** To be called when they have changed. */
  onChange: () => void;
}

type RequiredNeed = Exclude<Need, 'nothing'>;

/** ms between looks for streams whose token has expired. */
const lookEveryMs = 1000;

export class Gate {
  /** Connections that have become streams, with the tokens that opened them. */
  readonly #open = new Map<Socket, Caller>();
  readonly #timer: NodeJS.Timeout | undefined;
  readonly #brake: FailureBrake;

  constructor(
    private readonly source: TokenSource | undefined,
    private readonly anonymous: Anonymous,
    private readonly log: Log,
    private readonly counters: Pick<LoadCounters, 'count'>,
    wrongTokens: number,
  ) {
    this.#brake = new FailureBrake(wrongTokens);
    if (!source) return;
    source.onChange = () => this.#endInvalid();
    this.#timer = setInterval(() => this.#endInvalid(), lookEveryMs).unref();
  }

  /**
   * Lets a request to a route in, as far as that can be told without its body. Returns its caller; undefined for one
   * without a token. Throws {@link AccessError}.
   */
  enter(
    { need, apps }: Access,
    message: IncomingMessage,
    params: Readonly<Record<string, string>>,
  ): Caller | undefined {
    if (this.source === undefined || need === 'nothing') return undefined;
    try {
      const caller = this.#callerFor(need, message);
      if (apps === 'path') caller?.requireApp(params.app);
      return caller;
    } catch (error) {
      throw this.#noted(error, message);
    }
  }

  /** The same once its body is there. */
  enterWith(body: unknown, { apps }: Access, caller: Caller | undefined, message: IncomingMessage): void {
    if (caller === undefined || (apps !== 'body' && apps !== 'ids')) return;
    for (const app of apps === 'body' ? appIn(body) : appsOfIds(body)) this.requireApp(app, caller, message);
  }

  /** Throws {@link AccessError} unless the token of `caller` is for this app; undefined: unless it is for all. */
  requireApp(app: string | undefined, caller: Caller, message: IncomingMessage): void {
    try {
      caller.requireApp(app);
    } catch (error) {
      throw this.#noted(error, message);
    }
  }

  /** Lets a peer open a stream, or throws {@link AccessError}. */
  enterPeer(message: IncomingMessage): Caller | undefined {
    return this.enter(peerAccess, message, {});
  }

  /** Closes a connection when the token that opened a stream on it is revoked, changed or has expired. */
  endWith(caller: Caller, socket: Socket): void {
    if (!this.#open.has(socket)) socket.once('close', () => this.#open.delete(socket));
    this.#open.set(socket, caller);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #callerFor(need: RequiredNeed, { rawHeaders }: IncomingMessage): Caller | undefined {
    const header = authorizationIn(rawHeaders);
    if (header === undefined) {
      if (need === 'read' && this.anonymous === 'read') return undefined;
      throw refusal('missing', need);
    }
    const found = this.source!.tokens.find(header);
    if (typeof found === 'string') throw refusal(found, need);
    if (!found.meets(need)) throw tooLittle(found, need);
    return found;
  }

  /** Logs a refusal. Returns the error to answer: after many wrong tokens, that there were too many. */
  #noted(error: unknown, message: IncomingMessage): unknown {
    if (!(error instanceof AccessError)) return error;
    const { remoteAddress: address = '' } = message.socket;
    this.log.warn({ address, code: error.code, ...traceOf(message) }, 'refused a request for its token');
    const waitS = error.code === 'TOKEN_UNKNOWN' ? this.#brake.fail(address) : 0;
    if (waitS === 0) return error;
    this.counters.count('wrongTokens', address);
    return new TooManyRequestsError('too many wrong tokens came from your address', waitS);
  }

  #endInvalid(): void {
    for (const [socket, caller] of this.#open) if (!this.source!.tokens.isValid(caller)) socket.destroy();
  }
}

const peerAccess = accessOf('UPGRADE', '/peer');

/**
 * The value of the one `Authorization` header; without one, that of `X-Consul-Token`, which has the token alone.
 * Undefined if there is neither. What is there twice is no token.
 */
function authorizationIn(raw: readonly string[]): string | undefined {
  let value: string | undefined;
  let consul: string | undefined;
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at]!;
    if (name.length === 14 && raw[at + 1] !== '' && name.toLowerCase() === 'x-consul-token')
      consul = consul === undefined ? `Bearer ${raw[at + 1]!}` : '';
    if (name.length !== 13 || name.toLowerCase() !== 'authorization') continue;
    if (value !== undefined) return '';
    value = raw[at + 1]!;
  }
  return value ?? consul;
}

const invalid: Readonly<Record<Exclude<Found, Caller> | 'missing', [AccessCode, string]>> = {
  missing: ['TOKEN_MISSING', 'this needs a token'],
  unknown: ['TOKEN_UNKNOWN', 'the token is not one of this daemon, or was revoked: this needs one'],
  expired: ['TOKEN_EXPIRED', 'the token has expired: this needs one'],
};

function refusal(why: keyof typeof invalid, need: RequiredNeed): AccessError {
  const [code, what] = invalid[why];
  return new AccessError(code, `${what} with the role ${namesOf(need)} (--token, or BENDER_TOKEN)`, roleOf(need));
}

function tooLittle({ name, role }: Caller, need: RequiredNeed): AccessError {
  const needed = roleOf(need);
  const code = `NEEDS_${needed.toUpperCase() as Uppercase<typeof needed>}` as const;
  return new AccessError(
    code,
    `this needs the role ${namesOf(need)}: the token '${name}' has the role '${role}'`,
    needed,
  );
}

const roleOf = (need: RequiredNeed) => (need === 'drain' ? 'write' : need);

const namesOf = (need: RequiredNeed): string => (need === 'drain' ? "'write' or 'deploy'" : `'${need}'`);

/** A body without one is refused by its handler. */
function* appIn(body: unknown): Iterable<string> {
  const app = (body as { app?: unknown } | null | undefined)?.app;
  if (typeof app === 'string') yield app;
}

function* appsOfIds(body: unknown): Iterable<string> {
  const ids = (body as { ids?: unknown } | null | undefined)?.ids;
  if (!Array.isArray(ids)) return;
  let last: string | undefined;
  for (const one of ids as unknown[]) {
    const id = typeof one === 'string' ? one : (one as { id?: unknown } | null | undefined)?.id;
    if (typeof id !== 'string') continue;
    const app = id.split('/', 1)[0]!;
    if (app !== last) yield app;
    last = app;
  }
}
