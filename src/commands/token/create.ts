import { Flags } from '../../cli/oclif.js';
import { BaseCommand } from '../../cli/base-command.js';
import { exactly } from '../../cli/durations.js';
import { duration } from '../../cli/flags.js';
import { notice } from '../../cli/notice.js';
import { tokensFlag } from '../../cli/tokens-flag.js';
import { UsageError } from '../../cli/usage-error.js';
import { appendToken } from '../../files/tokens-file.js';
import { roles, rolesWithApps } from '../../model/roles.js';
import { digestOf, makeToken } from '../../model/token-digest.js';
import { isAppPattern, isTokenName, type TokenRecord } from '../../model/tokens-file.js';

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
      description: 'What it allows.',
    })(),
    app: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'PATTERN',
      description:
        'Only this app, or those whose names match; * stands for any characters. Repeat it for others. [default: all]',
    }),
    name: Flags.string({
      helpValue: 'NAME',
      description: 'Who uses it: stands in the history for the edits made with it. [default: ROLE-ID]',
    }),
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
    const created = Date.now();
    const record = {
      ...{ id, name, role, created },
      ...(apps && { apps }),
      ...(expires !== undefined && { expires: created + expires }),
    };
    await appendToken(flags.tokens, { ...record, sha256: digestOf(token).toString('hex') });
    this.log(token);
    notice(`This is shown once. ${describe(name, flags)}`);
    return { ...record, token };
  }
}

const describe = (
  name: string,
  { role, app, expires }: { role: string; app?: string[] | undefined; expires?: number | undefined },
): string =>
  `'${name}' has the role ${role}${app ? ` for ${app.join(', ')}` : ''}, and ${expires === undefined ? 'does not expire' : `expires in ${exactly(expires)}`}.`;
