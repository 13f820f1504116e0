import { Flags } from '../cli/oclif.js';
import { ClientCommand } from '../cli/client-command.js';
import { conditionLine, eventLine } from '../cli/event-line.js';
import { queryFlags } from '../cli/flags.js';
import { Hook } from '../cli/hook.js';
import { notice } from '../cli/notice.js';
import { metaFilter, metaFilterFlag } from '../cli/registration-flags.js';
import { outliveOutput, outputTaken, outputWritten } from '../cli/output.js';
import { stopSignal } from '../cli/signals.js';
import { printableJson } from '../model/printable.js';
import { daemonApp } from '../model/daemon.js';
import { eventTypes } from '../model/events.js';

export default class Watch extends ClientCommand {
  static override summary = 'Print each change as it happens.';
  static override description = `Goes on through restarts of daemons, and over to the next server. If events may \
have been missed, it says so on stderr and prints what has changed meanwhile; an instance that went offline then has the \
reason \`missed\`.

It does not trust a daemon that has just started or is cut off: it waits, or asks the next server. With --any it trusts every daemon. \
What is online already is printed only with --initial; in JSON it has \`"initial": true\`.

With --meta, an instance that an update makes match comes online here, and one that no longer matches goes \
offline, \`unmatched\`.

The daemons themselves are registered as the app ${daemonApp}; without --app they are shown as daemons only, except with --json.

With --json, each line is a JSON object: a change; a \`snapshot\`, the present state, at the beginning and after events may have been missed; or a \
\`condition\`, which says whether the daemon has just started (\`warming\`) or is cut off (\`stale\`).

CMD finds the event in BENDER_EVENT (its type), BENDER_APP, BENDER_VERSION, BENDER_HOST, BENDER_PORT, BENDER_ID, \
BENDER_REASON, BENDER_NAME, BENDER_BACKEND and BENDER_URL, as far as it has them, and as JSON on its stdin.`;
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --app web --type online --type offline',
    "<%= config.bin %> <%= command.id %> --app web --exec 'systemctl reload haproxy'",
    '<%= config.bin %> <%= command.id %> --app web --initial',
    '<%= config.bin %> <%= command.id %> --json | jq -r .type',
  ];
  static override flags = {
    app: Flags.string(queryFlags.app),
    version: Flags.string(queryFlags.version),
    meta: metaFilterFlag,
    type: Flags.option({
      options: eventTypes,
      multiple: true,
      multipleNonGreedy: true,
      delimiter: ',',
      description: 'Only events of this type. May be repeated.',
    })(),
    exec: Flags.string({
      helpValue: 'CMD',
      description:
        'Run this in a shell for each event, one at a time and in order. A failure is reported on stderr, and watching goes on.',
    }),
    any: Flags.boolean({
      description: 'Also trust a daemon that has just started or is cut off.',
    }),
    initial: Flags.boolean({
      description: 'Print the present state first, as if it had just appeared.',
    }),
    trusted: Flags.boolean({ hidden: true, exclusive: ['any'], description: 'The default.' }),
    count: Flags.integer({ min: 1, helpValue: 'N', description: 'End after this many events.' }),
  };

  /** With --json, a line each. */
  protected override get isStream(): boolean {
    return true;
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(Watch);
    const { app, version, type: types = [], exec, any, initial, count = Infinity } = flags;
    const json = this.jsonEnabled();
    const hook = exec === undefined ? undefined : new Hook(exec, json ? 2 : 1, (how) => notice(`${exec}: ${how}`));

    const unwanted = this.#untilUnwanted(hook);
    const trouble = new Trouble();
    const changes = this.client(flags).changes(
      { app, version, meta: metaFilter(flags.meta), types },
      {
        trusted: !any,
        initial,
        signal: unwanted,
        onDisconnect: (lost) => trouble.tell(lost),
        onSnapshot: ({ snapshot, server, isFirst }) => {
          trouble.end();
          notice(isFirst ? `watching ${server}` : `took a snapshot from ${server}; what has changed meanwhile:`);
          if (json) printLine(printableJson(snapshot));
        },
        onCondition: (condition, server) => {
          notice(conditionLine(condition, server));
          if (json) printLine(printableJson(condition));
        },
      },
    );
    let printed = 0;
    for await (const change of changes) {
      // They are told of as daemons already.
      if (!json && app === undefined && 'registration' in change && change.registration.app === daemonApp) continue;
      if (!hook || !process.stdout.writableNeedDrain) printLine(json ? printableJson(change) : eventLine(change));
      // CMD is run in time even if nothing reads what is printed.
      await (hook ? hook.run(change) : outputTaken(unwanted));
      if (++printed >= count) break;
    }
    await hook?.finished();
    if (hook && hook.leftOut > 0)
      notice(`stopped: ${hook.leftOut} events were still waiting, for which ${exec} has not run`);
    if (!unwanted.aborted) return;
    await outputWritten();
    this.exit(0);
  }

  /** Until this process is told to stop, or nothing reads what it prints and that is all it does. */
  #untilUnwanted(hook: Hook | undefined): AbortSignal {
    const unwanted = new AbortController();
    void stopSignal().then(() => {
      hook?.stop();
      unwanted.abort();
    });
    outliveOutput();
    process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
      if (code === 'EPIPE' && !hook) unwanted.abort();
    });
    return unwanted.signal;
  }
}

/** Losing the daemon, told once for each reason: an attempt that fails again in the same way is no news. */
class Trouble {
  #told = '';
  #hadOne = false;

  tell({ server, reason }: { server: string; reason: string }): void {
    if (reason !== this.#told) notice(`${this.#hadOne ? 'lost' : 'waiting for'} ${server}: ${reason}; trying again`);
    this.#told = reason;
  }

  end(): void {
    this.#hadOne = true;
    this.#told = '';
  }
}

/** oclif's own `log` is silent with `--json`. */
const printLine = (line: string): boolean => process.stdout.write(`${line}\n`);
