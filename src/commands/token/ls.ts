import { BaseCommand } from '../../cli/base-command.js';
import { localTime } from '../../cli/durations.js';
import { listText, none } from '../../cli/list-text.js';
import type { Listing } from '../../cli/listings.js';
import { notice } from '../../cli/notice.js';
import { outputFlag } from '../../cli/output-flag.js';
import { tokensFlag } from '../../cli/tokens-flag.js';
import { readTokens } from '../../files/tokens-file.js';
import { describeQuotas } from '../../model/quotas.js';
import type { TokenRecord } from '../../model/tokens-file.js';

type Shown = Omit<TokenRecord, 'sha256'>;

export default class TokenLs extends BaseCommand {
  static override summary = 'List the tokens of a tokens file. The tokens themselves are not in it.';
  static override examples = ['<%= config.bin %> <%= command.id %> --tokens tokens.jsonl'];
  static override flags = { tokens: tokensFlag, output: outputFlag };

  async run(): Promise<Shown[]> {
    const { flags } = await this.parse(TokenLs);
    const tokens = (await readTokens(flags.tokens)).map(({ sha256: _, ...token }) => token);
    if (tokens.length > 0) this.print(listText(tokenListing, tokens, this.format));
    else if (!this.jsonEnabled()) notice(none(tokenListing));
    return tokens;
  }
}

const tokenListing: Listing<Shown> = {
  plural: 'tokens',
  nameOf: ({ id }) => id,
  inOrder: true,
  columns: {
    ID: ({ id }) => id,
    NAME: ({ name }) => name,
    ROLE: ({ role }) => role,
    APPS: { cell: ({ apps }) => apps?.join(', ') ?? '', isLong: true },
    LIMITS: { cell: (token) => describeQuotas(token) ?? '', isLong: true },
    CREATED: ({ created }) => localTime(created),
    EXPIRES: ({ expires }) =>
      expires === undefined ? '' : `${localTime(expires)}${expires <= Date.now() ? ' (expired)' : ''}`,
  },
};
