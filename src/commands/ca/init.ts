import { BaseCommand } from '../../cli/base-command.js';
import { dirFlag, type Written, writeAuthority } from '../../cli/ca/folder.js';
import { daysFlag, dateOf } from '../../cli/ca/days.js';
import { notice } from '../../cli/notice.js';

export default class CaInit extends BaseCommand {
  static override summary = 'Make a CA for the daemons of a cluster and their callers.';
  static override description =
    "The CA is a certificate, ca.pem, for all daemons and callers (--tls-ca), and a private key, ca-key.pem, which stays where 'bender ca issue' runs: with it, anyone can make daemons.";
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --dir /etc/bender/ca',
  ];
  static override flags = { dir: dirFlag, days: daysFlag(3650) };

  async run(): Promise<Written & { expires: number }> {
    const { flags } = await this.parse(CaInit);
    const { makeAuthority } = await import('../../cli/ca/certificates.js');
    const issued = await makeAuthority(flags.days);
    const paths = await writeAuthority(flags.dir, issued);
    this.log(paths.certificate);
    notice(
      `A CA, valid until ${dateOf(issued.expires)}. Keep ${paths.key} secret, and off the machines of the daemons.`,
    );
    notice(`Next: bender ca issue NAME --host HOST, for each daemon${inDir(flags.dir)}.`);
    return { ...paths, expires: issued.expires };
  }
}

const inDir = (dir: string): string => (dir === dirFlag.default ? '' : ` (with --dir ${dir})`);
