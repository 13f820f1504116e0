/** Tokens for tests, and what a daemon has in their place. */

import { Tokens } from '../../src/daemon/http/auth/tokens.js';
import type { TokenSource } from '../../src/daemon/http/auth/gate.js';
import { digestOf, makeToken } from '../../src/model/token-digest.js';
import type { TokenRecord } from '../../src/model/tokens-file.js';

export interface TestToken {
  token: string;
  record: TokenRecord;
}

export function testToken(of: Partial<TokenRecord> & Pick<TokenRecord, 'role'>): TestToken {
  const { token, id } = makeToken();
  const record = { id, name: `${of.role}-${id}`, created: 0, ...of, sha256: digestOf(token).toString('hex') };
  return { token, record };
}

/** Tokens that a test may replace. */
export class TestSource implements TokenSource {
  tokens: Tokens;
  onChange = (): void => {};

  constructor(tokens: readonly TestToken[]) {
    this.tokens = tokensOf(tokens);
  }

  replace(tokens: readonly TestToken[]): void {
    this.tokens = tokensOf(tokens);
    this.onChange();
  }
}

const tokensOf = (tokens: readonly TestToken[]): Tokens => new Tokens(tokens.map(({ record }) => record));

export const bearer = (token: string): { authorization: string } => ({ authorization: `Bearer ${token}` });
