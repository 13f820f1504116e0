import { BaseCommand } from '../cli/base-command.js';

export default class Version extends BaseCommand {
  static override summary = 'Print the version of bender.';
  static override examples = ['<%= config.bin %> <%= command.id %>'];

  async run(): Promise<{ version: string; node: string; platform: string }> {
    await this.parse(Version);
    const { version, userAgent, platform, arch } = this.config;
    this.log(userAgent);
    return { version, node: process.version, platform: `${platform}-${arch}` };
  }
}
