import { resolve } from 'node:path';
import { BaseCommand } from '../../cli/base-command.js';
import { type Context, readContexts, writeContexts } from '../../cli/context/contexts.js';
import { contextArg } from '../../cli/context/context-arg.js';
import { notice } from '../../cli/notice.js';
import { Flags } from '../../cli/oclif.js';
import { Client } from '../../client/index.js';
import { InvalidError } from '../../model/errors.js';
import { tokenInFile } from '../../files/token-in-file.js';
import { tlsInFiles } from '../../files/tls-in-files.js';

const file = (description: string) => Flags.string({ helpValue: 'FILE', description });

export default class ContextSet extends BaseCommand {
  static override summary = 'Make a context, or change one. The first one is in use from then on.';
  static override description = 'What is not given stays as it is. An empty FILE removes what was there.';
  static override examples = ['<%= config.bin %> context set staging --server https://10.0.0.5:1729 --tls-ca ca.pem'];
  static override args = { name: contextArg };
  static override flags = {
    server: Flags.string({
      char: 's',
      multiple: true,
      multipleNonGreedy: true,
      delimiter: ',',
      helpValue: 'URL',
      description: 'A daemon. May be repeated: they are tried in turn.',
    }),
    'token-file': file('The file with the token to show to them.'),
    'tls-ca': file("The certificates of the CA that the daemons' are of (PEM)."),
    'tls-cert': file('The certificate to show to the daemons (PEM).'),
    'tls-key': file('The private key of that certificate (PEM).'),
  };

  async run(): Promise<{ name: string; current: boolean } & Context> {
    const { args, flags } = await this.parse(ContextSet);
    const { name } = args;
    const contexts = readContexts();
    const before = contexts.all.get(name);
    const servers = flags.server ?? before?.servers ?? [];
    if (servers.length === 0) throw new InvalidError('--server is missing: a context has at least one');
    const kept = (key: Exclude<keyof Context, 'servers'>, given: string | undefined): Partial<Context> => {
      const path = given === undefined ? before?.[key] : given && resolve(given);
      return path ? { [key]: path } : {};
    };
    const context: Context = {
      servers,
      ...kept('tokenFile', flags['token-file']),
      ...kept('tlsCa', flags['tls-ca']),
      ...kept('tlsCert', flags['tls-cert']),
      ...kept('tlsKey', flags['tls-key']),
    };
    requireUsable(context);
    contexts.all.set(name, context);
    const isFirst = contexts.all.size === 1;
    if (isFirst) contexts.current = name;
    await writeContexts(contexts);
    const current = contexts.current === name;
    this.log(`context ${name}: ${servers.join(', ')}`);
    if (!current) notice(`Not in use: bender context use ${name}`);
    return { name, current, ...context };
  }
}

/** Throws InvalidError for URLs that are none, and for files that cannot be read or have something else. */
function requireUsable({ servers, tokenFile, tlsCa: ca, tlsCert: cert, tlsKey: key }: Context): void {
  void new Client({ servers });
  if (tokenFile !== undefined) tokenInFile(tokenFile);
  if ((ca ?? cert ?? key) !== undefined) tlsInFiles({ ca, cert, key });
}
