/**
 * The tokens of a tokens file, in memory, and which of them a header carries.
 *
 * A token is found by its id, which is no secret. The header that was right for it is remembered, so that only the
 * first request with a token takes a hash. Whatever is compared with a secret is compared in constant time.
 */

import { timingSafeEqual } from 'node:crypto';
import { isToken, tokenIdIn, tokenLength } from '../../../model/token.js';
import { digestOf } from '../../../model/token-digest.js';
import type { TokenRecord } from '../../../model/tokens-file.js';
import { Caller } from './caller.js';

const bearer = 'Bearer ';
const usualLength = bearer.length + tokenLength;

interface Known {
  caller: Caller;
  sha256: Buffer;
  expires: number;
  /** The header that was right, once there was one. */
  header: Buffer | undefined;
}

export type Found = Caller | 'unknown' | 'expired';

export class Tokens {
  readonly #byId = new Map<string, Known>();
  readonly #scratch = Buffer.alloc(usualLength);

  /** @param now  Unix ms */
  constructor(
    records: readonly TokenRecord[],
    private readonly now: () => number = Date.now,
  ) {
    for (const record of records)
      this.#byId.set(record.id, {
        caller: new Caller(record),
        sha256: Buffer.from(record.sha256, 'hex'),
        expires: record.expires ?? Infinity,
        header: undefined,
      });
  }

  get size(): number {
    return this.#byId.size;
  }

  /** The caller that an `Authorization` header belongs to. */
  find(header: string): Found {
    if (header.length !== usualLength || !header.startsWith(bearer)) return this.#findUnusual(header);
    const known = this.#byId.get(tokenIdIn(header, bearer.length));
    if (!known || !(known.header ? this.#isSame(header, known.header) : this.#learn(header, known))) return 'unknown';
    return this.now() < known.expires ? known.caller : 'expired';
  }

  /** Whether the token of this caller is still there, as it was, and has not expired. */
  isValid({ id, mark }: Caller): boolean {
    const known = this.#byId.get(id);
    return known?.caller.mark === mark && this.now() < known.expires;
  }

  #isSame(header: string, right: Buffer): boolean {
    // Characters beyond one byte would come out as others.
    this.#scratch.write(header, 'latin1');
    return timingSafeEqual(this.#scratch, right);
  }

  /** Remembers a header that is right. */
  #learn(header: string, known: Known): boolean {
    const token = header.slice(bearer.length);
    if (!isToken(token) || !timingSafeEqual(digestOf(token), known.sha256)) return false;
    known.header = Buffer.from(header, 'latin1');
    return true;
  }

  /**
   * Another spelling of the scheme, or Basic credentials: the token is the password, or the user name if there is no
   * password.
   */
  #findUnusual(header: string): Found {
    const [, scheme = '', credentials = ''] = /^ *([A-Za-z]+) +([\w.~+/-]+=*) *$/.exec(header) ?? [];
    const token = scheme.toLowerCase() === 'basic' ? tokenInBasic(credentials) : credentials;
    if (!/^(basic|bearer)$/i.test(scheme) || !isToken(token)) return 'unknown';
    return this.find(bearer + token);
  }
}

function tokenInBasic(credentials: string): string {
  const text = Buffer.from(credentials, 'base64').toString('latin1');
  const colon = text.indexOf(':');
  const password = text.slice(colon + 1);
  return password === '' ? text.slice(0, colon) : password;
}
