import { BaseCommand } from '../../cli/base-command.js';
import { localTime } from '../../cli/durations.js';
import { notice } from '../../cli/notice.js';
import { table } from '../../cli/table.js';
import { tokensFlag } from '../../cli/tokens-flag.js';
import { readTokens } from '../../files/tokens-file.js';
import { describeQuotas } from '../../model/quotas.js';
import type { TokenRecord } from '../../model/tokens-file.js';

export default class TokenLs extends BaseCommand {
  static override summary = 'List the tokens of a tokens file. The tokens themselves are not in it.';
  static override examples = ['<%= config.bin %> <%= command.id %> --tokens tokens.jsonl'];
  static override flags = { tokens: tokensFlag };

  async run(): Promise<Omit<TokenRecord, 'sha256'>[]> {
    const { flags } = await this.parse(TokenLs);
    const tokens = (await readTokens(flags.tokens)).map(({ sha256: _, ...token }) => token);
    if (tokens.length === 0 && !this.jsonEnabled()) notice('No tokens.');
    else this.print(table(['ID', 'NAME', 'ROLE', 'APPS', 'LIMITS', 'CREATED', 'EXPIRES'], tokens.map(rowOf)));
    return tokens;
  }
}

const rowOf = ({ id, name, role, apps, created, expires, ...quotas }: Omit<TokenRecord, 'sha256'>): string[] => [
  id,
  name,
  role,
  apps?.join(', ') ?? '-',
  describeQuotas(quotas) ?? '-',
  localTime(created),
  expires === undefined ? '-' : `${localTime(expires)}${expires <= Date.now() ? ' (expired)' : ''}`,
];
