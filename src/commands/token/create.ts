import { Flags } from '../../cli/oclif.js';
import { BaseCommand } from '../../cli/base-command.js';
import { exactly } from '../../cli/durations.js';
import { duration } from '../../cli/flags.js';
import { notice } from '../../cli/notice.js';
import { tokensFlag } from '../../cli/tokens-flag.js';
import { UsageError } from '../../cli/usage-error.js';
import { appendToken } from '../../files/tokens-file.js';
import {
  describeQuotas,
  mostOfQuota,
  type QuotaName,
  quotaNames,
  type Quotas,
  quotaTable,
  readQuotas,
} from '../../model/quotas.js';
import { type Role, roles, rolesWithApps } from '../../model/roles.js';
import { digestOf, makeToken } from '../../model/token-digest.js';
import { isAppPattern, isTokenName, type TokenRecord } from '../../model/tokens-file.js';

const quota = (description: string) =>
  Flags.integer({
    min: 1,
    max: mostOfQuota,
    helpValue: 'NUMBER',
    description: `${description} Each daemon counts by itself. [default: no limit]`,
  });

export default class TokenCreate extends BaseCommand {
  static override summary = 'Make a token, print it once, and add its hash to a tokens file.';
  static override description = `The roles: read looks up and watches; write registers, renews, drains and deregisters; \
deploy changes backends and frontends, and drains; admin may do everything; peer is for the daemons among themselves. write and \
deploy read as well, and may be for some apps only (--app). Daemons that have the file (bender serve --tokens FILE) take a new token within a second.`;
  static override examples = [
    '<%= config.bin %> <%= command.id %> --tokens tokens.jsonl --role peer --name daemons',
    "<%= config.bin %> <%= command.id %> --tokens tokens.jsonl --role deploy --app 'web-*' --name ci --expires 30d",
  ];
  static override flags = {
    tokens: tokensFlag,
    role: Flags.option({
      options: roles,
      required: true,
      helpValue: roles.join('|'),
      description: 'The role: what the token allows.',
    })(),
    app: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'PATTERN',
      description:
        'Only for this app, or for apps that match; * stands for any characters. May be repeated. [default: all]',
    }),
    name: Flags.string({
      helpValue: 'NAME',
      description: 'The user of the token: the author of edits in the history. [default: ROLE-ID]',
    }),
    'max-registrations': quota('The most registrations of this token that may be online at a time.'),
    'max-meta-bytes': quota('The most bytes of metadata that its registrations may have together.'),
    'max-catalog-writes': quota(
      'The most changes of backends and frontends per second; a hundred times as many at once.',
    ),
    'max-requests': quota('The most requests per second; ten times as many at once. Renewals are refused last.'),
    expires: duration({ description: 'How long it is valid. [default: until it is removed]' }),
  };

  async run(): Promise<Omit<TokenRecord, 'sha256'> & { token: string }> {
    const { flags } = await this.parse(TokenCreate);
    const { role, app: apps, expires } = flags;
    const { token, id } = makeToken();
    const name = flags.name ?? `${role}-${id}`;
    if (!isTokenName(name)) throw new UsageError('--name must have 1 to 64 letters, digits and any of ._@-');
    if (apps && !rolesWithApps.includes(role)) throw new UsageError(`--app does not go with --role ${role}`);
    if (apps?.every(isAppPattern) === false)
      throw new UsageError(
        '--app must be the name of an app, without slashes and white space; * stands for any characters',
      );
    const quotas = quotasIn(flags, role);
    const created = Date.now();
    const record = {
      ...{ id, name, role, created },
      ...(apps && { apps }),
      ...quotas,
      ...(expires !== undefined && { expires: created + expires }),
    };
    await appendToken(flags.tokens, { ...record, sha256: digestOf(token).toString('hex') });
    this.log(token);
    notice(`This is shown once. ${describe(name, flags, quotas)}`);
    return { ...record, token };
  }
}

const describe = (
  name: string,
  { role, app, expires }: { role: string; app?: string[] | undefined; expires?: number | undefined },
  quotas: Quotas,
): string =>
  `'${name}' has the role ${role}${app ? ` for ${app.join(', ')}` : ''}, and ${expires === undefined ? 'does not expire' : `expires in ${exactly(expires)}`}.${limitsOf(quotas)}`;

function limitsOf(quotas: Quotas): string {
  const described = describeQuotas(quotas);
  return described === undefined ? '' : ` Its limits at each daemon: ${described}.`;
}

/** The quotas that flags name. Throws {@link UsageError} if one does not go with the role. */
function quotasIn(flags: Readonly<Record<string, unknown>>, role: Role): Quotas {
  for (const name of quotaNames)
    if (flags[flagOf(name)] !== undefined && !quotaTable[name].roles.includes(role))
      throw new UsageError(`--${flagOf(name)} does not go with --role ${role}`);
  return readQuotas(Object.fromEntries(quotaNames.map((name) => [name, flags[flagOf(name)]])), role);
}

const flagOf = (name: QuotaName): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
