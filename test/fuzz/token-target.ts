/**
 * Tokens files and `Authorization` headers: right ones, mutated. A file is read, or refused by an InvalidError that
 * shows none of its hashes; a header is that of the token that it carries, or of none.
 */

import { Caller } from '../../src/daemon/http/auth/caller.js';
import { Tokens } from '../../src/daemon/http/auth/tokens.js';
import { InvalidError } from '../../src/model/errors.js';
import { quotaNames, quotaTable } from '../../src/model/quotas.js';
import { roles, rolesWithApps } from '../../src/model/roles.js';
import { tokenLength } from '../../src/model/token.js';
import { digestOf, makeToken } from '../../src/model/token-digest.js';
import { formatTokenLine, parseTokensFile, type TokenRecord } from '../../src/model/tokens-file.js';
import { chance, mutateBytes, pick } from './choose.js';
import { type Dice, Finding, type Session, type Target } from './target.js';

/** ms that one input may take. */
const limitMs = 50;

export const tokenTarget: Target = {
  name: 'token',
  roundSize: 1000,
  open: () => Promise.resolve(new TokenSession()),
};

class TokenSession implements Session {
  readonly #known = roles.map((role, index) => {
    const { token, id } = makeToken();
    const record: TokenRecord = {
      ...{ id, name: `t${index}`, role, created: index },
      ...(rolesWithApps.includes(role) && { apps: ['web-*', 'shop'] }),
      ...Object.fromEntries(
        quotaNames.filter((name) => quotaTable[name].roles.includes(role)).map((name) => [name, 7]),
      ),
      sha256: digestOf(token).toString('hex'),
    };
    return { token, record };
  });
  readonly #lines = this.#known.map(({ record }) => Buffer.from(formatTokenLine(record)));
  readonly #tokens = new Tokens(this.#known.map(({ record }) => record));
  #longestMs = 0;

  run(dice: readonly Dice[]): Promise<string[]> {
    return Promise.resolve(
      dice.map((one, index) => (chance(one, 0.5) ? this.#file(one, index) : this.#header(one, index))),
    );
  }

  report(): string[] {
    return [`the longest took ${this.#longestMs.toFixed(1)} ms`];
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #file(dice: Dice, index: number): string {
    const text = mutateBytes(dice, Buffer.concat(this.#lines), this.#lines).toString();
    const shown = JSON.stringify(text.slice(0, 2000));
    try {
      const records = this.#timed(index, shown, () => parseTokensFile(text, 'FILE'));
      new Tokens(records);
      return 'read';
    } catch (error) {
      if (error instanceof Finding) throw error;
      if (!(error instanceof InvalidError))
        throw new Finding(`reading a tokens file threw ${String(error)}`, index, shown);
      if (this.#known.some(({ record }) => error.message.includes(record.sha256.slice(0, 12))))
        throw new Finding(`the error shows a hash: ${error.message}`, index, shown);
      return 'refused';
    }
  }

  #header(dice: Dice, index: number): string {
    const { token, record } = pick(dice, this.#known);
    const right = chance(dice, 0.5)
      ? Buffer.from(`Bearer ${token}`)
      : Buffer.from(`Basic ${Buffer.from(`user:${token}`).toString('base64')}`);
    // As Node reads headers: a character for each byte.
    const header = mutateBytes(dice, right, this.#lines).toString('latin1');
    const shown = JSON.stringify(header.slice(0, 500));
    const found = this.#timed(index, shown, () => this.#tokens.find(header));
    if (!(found instanceof Caller)) return String(found);
    if (found.id === record.id && carries(header, token)) return 'found';
    throw new Finding(`the token '${found.name}' was found in another header`, index, shown);
  }

  #timed<T>(index: number, shown: string, run: () => T): T {
    const begun = performance.now();
    const result = run();
    const tookMs = performance.now() - begun;
    this.#longestMs = Math.max(this.#longestMs, tookMs);
    if (tookMs <= limitMs) return result;
    // A machine that is busy with other things takes long once.
    const again = performance.now();
    run();
    if (performance.now() - again > limitMs) throw new Finding(`an input took ${tookMs.toFixed(0)} ms`, index, shown);
    return result;
  }
}

/** Whether the whole token stands in the header, plainly or in base64. */
function carries(header: string, token: string): boolean {
  if (header.includes(token)) return true;
  const encoded = header.trim().split(/ +/).at(-1) ?? '';
  const text = Buffer.from(encoded, 'base64').toString('latin1');
  return text.includes(token) && text.length >= tokenLength;
}
