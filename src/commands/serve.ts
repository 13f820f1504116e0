import '../daemon/heap.js';
import { Flags } from '../cli/oclif.js';
import { BaseCommand } from '../cli/base-command.js';
import { detach, type Detached } from '../cli/detached/detach.js';
import { isDetached, tellStarter } from '../cli/detached/detached.js';
import { endInTime } from '../cli/end-in-time.js';
import { misspelt } from '../cli/misspelt.js';
import { notice } from '../cli/notice.js';
import { outliveOutput } from '../cli/output.js';
import { reloadsOnHangup, stopSignal } from '../cli/signals.js';
import { serviceManager } from '../cli/systemd.js';
import type { DaemonSettings } from '../daemon/core/runtime.js';
import { checkSettings } from '../daemon/named-files.js';
import { runDaemon } from '../daemon/run.js';
import { readSettings } from '../daemon/setting-sources.js';
import { environmentName, type Setting, settingTable } from '../daemon/settings.js';

/** Flags that are no settings. */
interface Switches {
  detach: boolean;
  check: boolean;
}

const settings = Object.entries<Setting<unknown>>(settingTable);

export default class Serve extends BaseCommand {
  static override summary = 'Run a daemon.';
  static override description = `Every setting is a flag, a variable of the environment and a key of the JSON config file; a flag beats the environment, which beats the file. The keys of the file are the names of the flags: {"port": 1730, "peer": ["http://10.0.0.6:1729"]}. The first line on stdout says where the daemon listens, once it does and has joined its peers.

With --detach the command prints that line and ends, while the daemon goes on in the background, in the same folder. Its log and \
its pid are in $XDG_STATE_HOME/bender (~/.local/state/bender), as PORT.log and PORT.pid. 'bender stop' ends it.`;
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --port 1730 --peer http://127.0.0.1:1729',
    '<%= config.bin %> <%= command.id %> --host 0.0.0.0 --advertise http://10.0.0.5:1729 --config /etc/bender.json',
  ];
  static override flags = {
    ...Object.fromEntries(settings.map(([name, setting]) => [name, flagOf(name, setting)])),
    detach: Flags.boolean({
      description:
        'Start the daemon in the background. Returns once it serves, or with the reason why it did not start.',
    }),
    check: Flags.boolean({
      exclusive: ['detach'],
      description:
        'Check whether a daemon would start with these settings, and with the tokens and certificates that they name, without starting it. Exit code 2 says that it would not.',
    }),
    config: Flags.string({
      helpValue: 'FILE',
      description: `Settings, as a JSON object. [env: ${environmentName('config')}]`,
    }),
  };

  /** With --json, a line each. */
  protected override get isStream(): boolean {
    return true;
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(Serve);
    const { detach: inBackground, check, ...settingFlags } = flags as Record<string, string> & Switches;
    const given = { ...(this.jsonEnabled() && { 'log-format': 'json' }), ...settingFlags };
    outliveOutput();
    const known = [...Object.keys(settingTable), 'config'].map(environmentName);
    for (const told of misspelt(process.env, known)) notice(told);
    const settings = readSettings({ flags: given, environment: process.env });
    if (check) {
      await checkSettings(settings);
      return this.#print(this.jsonEnabled() ? JSON.stringify({ valid: true }) : 'the settings are valid');
    }
    if (inBackground) return this.#printDetached(await detach(this.#forDaemon(), settings.port));
    const { version } = this.config;
    const systemd = serviceManager({ onFailure: (how) => notice(`cannot tell systemd how this daemon is: ${how}`) });
    const announce = ({ url: peerUrl, apiUrl, name, cluster }: DaemonSettings, listening: string): void => {
      const url = apiUrl ?? peerUrl;
      const forPeers = apiUrl === undefined ? '' : `, for peers as ${peerUrl}`;
      const asWhat = `${url === listening ? '' : `, advertised as ${url}`}${forPeers}`;
      const line =
        settings['log-format'] === 'json'
          ? JSON.stringify({ url, listening, ...(forPeers && { peerUrl }), name, cluster, pid: process.pid })
          : `bender ${version} listening on ${listening}${asWhat} (name ${name}, cluster ${cluster})`;
      if (isDetached()) tellStarter(listening, line);
      else this.#print(line);
      systemd.ready(`listening on ${listening}`);
    };
    const hasFiles = (settings.tokens ?? settings['tls-cert']) !== undefined;
    const reloads = isDetached() || systemd.isThere || (hasFiles && reloadsOnHangup());
    const stopped = stopSignal({ hangup: !reloads });
    const told = stopped.then(() => {
      endInTime();
      return systemd.stopping();
    });
    await runDaemon({
      settings,
      version,
      onStarted: announce,
      stopped,
      ...(reloads && { onReload: (reload: () => Promise<void>) => void process.on('SIGHUP', systemd.around(reload)) }),
    });
    await told;
    this.exit(0);
  }

  /** The command line of the daemon: `--json` is about what this command prints, and about the log. */
  #forDaemon(): string[] {
    const words = this.argv.filter((word) => word !== '--detach' && word !== '--json');
    return [...(this.jsonEnabled() ? ['--log-format', 'json'] : []), ...words];
  }

  #printDetached({ line, port, pid, pidFile, log }: Detached): void {
    const isJson = line.startsWith('{');
    this.#print(isJson ? JSON.stringify({ ...(JSON.parse(line) as object), pidFile, log }) : line);
    if (!isJson) notice(`runs in the background: pid ${pid}, log ${log}; 'bender stop --port ${port}' ends it`);
  }

  /** On stdout whatever `--json` says: the line is the result. */
  #print(line: string): void {
    process.stdout.write(`${line}\n`);
  }
}

function flagOf(name: string, { help, placeholder, fallback, fallbackHelp, repeats, isSwitch }: Setting<unknown>) {
  const description = `${help} [env: ${environmentName(name)}] [default: ${fallbackHelp ?? String(fallback)}]`;
  const shown = { helpValue: placeholder, description };
  if (isSwitch) return Flags.boolean({ description });
  return repeats ? Flags.string({ ...shown, multiple: true, multipleNonGreedy: true }) : Flags.string(shown);
}
