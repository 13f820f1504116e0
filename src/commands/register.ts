import { Flags } from '../cli/oclif.js';
import { addressFlags, newAddress, portFlag, towards } from '../cli/address.js';
import { ClientCommand } from '../cli/client-command.js';
import { exactly } from '../cli/durations.js';
import { drainFor } from '../cli/drain.js';
import { duration } from '../cli/flags.js';
import { toFailure } from '../cli/exit-codes.js';
import { hold, holdUntilStopped } from '../cli/hold.js';
import { type Holding, tellStopFailure } from '../cli/holding.js';
import { accepts, assertFree, misplaced, untilReady } from '../cli/listening.js';
import { notice } from '../cli/notice.js';
import { outliveOutput, outputWritten } from '../cli/output.js';
import { assertExists, Program } from '../cli/program.js';
import {
  checkFlags,
  checkFrom,
  probedCheck,
  registrationFlags,
  registrationOptions,
} from '../cli/registration-flags.js';
import { splitProgram } from '../cli/split-program.js';
import { supervise } from '../cli/supervise.js';
import { probeOf } from '../client/index.js';
import { formatCheck } from '../model/check.js';
import type { RegisterAnswer } from '../model/registration.js';
import { formatId, hostPort } from '../model/registration.js';

/** What `--print` may ask for. */
const parts = {
  id: ({ id }: RegisterAnswer) => id,
  host: ({ host }: RegisterAnswer) => host,
  port: ({ port }: RegisterAnswer) => String(port),
  address: hostPort,
  url: (registered: RegisterAnswer) => `http://${hostPort(registered)}`,
};

export default class Register extends ClientCommand {
  static override summary = 'Register an instance of a service.';
  static override description = `The registration expires unless it is renewed: by this command again, by \
'bender renew', or with --hold. With --check tcp or --check http:/PATH, and neither --hold nor a CMD, the daemons probe \
the instance, and each pass renews it.

With a CMD after --, bender chooses the port, starts CMD with PORT and BENDER_ID in its environment, registers it \
as soon as the port accepts connections, and holds the registration while CMD lives and its port accepts connections \
(--check). If something else listens on the port already, CMD is not started (exit code 1). Signals are passed on to CMD and \
to all that it started; on SIGTERM and SIGINT the registration ends first; with --drain it is left out of load balancing for \
a while before that, for callers to go elsewhere. (A terminal sends Ctrl-C to CMD as well, which may then end at once.) \
Nothing that CMD started is left when bender ends. The exit code is that of CMD; 1 if CMD ended before it listened.`;
  static override usage = '<%= command.id %> --app APP --version VERSION [FLAGS] [-- CMD ARGS...]';
  static override examples = [
    '<%= config.bin %> register --app web --version 1.2.0 --port 8080 --meta zone=b --hold',
    '<%= config.bin %> register --app db --version 15 --host 10.0.0.9 --port 5432 --check tcp',
    '<%= config.bin %> register --app web --version 1.2.0 -- node server.js',
    '<%= config.bin %> register --app web --version 1.2.0 --drain 5s -- node server.js',
    '<%= config.bin %> register --app web --version 1.2.0 --check http:/healthz -- node server.js',
  ];
  static override flags = {
    ...addressFlags,
    port: portFlag('$PORT, else a free one'),
    ...registrationFlags,
    hold: Flags.boolean({ description: 'Keep renewing until interrupted, then deregister.' }),
    drain: duration({
      default: 0,
      defaultHelp: async () => '0',
      description: 'On SIGTERM or SIGINT, drain for this long before deregistering. A second signal ends that.',
    }),
    print: Flags.option({
      options: Object.keys(parts) as (keyof typeof parts)[],
      exclusive: ['json'],
      helpValue: Object.keys(parts).join('|'),
      description: 'Print only this part, for scripts.',
    })(),
    wait: Flags.boolean({
      default: true,
      allowNo: true,
      description: 'Register CMD only once its port accepts connections.',
    }),
    'ready-timeout': duration({
      default: 10_000,
      defaultHelp: async () => '10s',
      description:
        'How long CMD may take until its port accepts connections. After that it is terminated (exit code 1).',
    }),
    'kill-after': duration({
      default: 10_000,
      defaultHelp: async () => '10s',
      description: 'How long CMD may take to end after a signal. After that its remaining processes are killed.',
    }),
    ...checkFlags,
  };

  async run(): Promise<void> {
    const { own, program } = splitProgram(this.argv);
    const { flags } = await this.parse(Register, own);
    const client = this.client(flags);
    const address = await newAddress(flags, towards(client));
    const check = checkFrom(flags, program.length > 0 && flags.wait ? 'tcp' : undefined);
    const holding: Holding = {
      client,
      registration: { ...address, ...registrationOptions(flags) },
      check: check && (() => check),
      followsMachine: flags.host === undefined,
      onFirst: (registered) => this.#show(registered, flags.print),
    };
    if (program.length > 0) return this.exit(await this.#runProgram(program, holding, flags));
    if (flags.hold) {
      outliveOutput();
      await holdUntilStopped(flags.drain, holding);
      await outputWritten();
      return this.exit(0);
    }
    const probed = check && { check: probedCheck(check) };
    const registered = await client.register({ ...holding.registration, ...probed });
    holding.onFirst(registered);
    if (probed) notice(`The daemons probe it (${formatCheck(probed.check)}): it needs no renewal.`);
    else notice(`It expires in ${exactly(registered.ttl)} unless it is renewed.`);
  }

  async #runProgram(command: string[], holding: Holding, flags: ProgramFlags): Promise<number> {
    outliveOutput();
    const { registration } = holding;
    assertExists(command[0]!);
    if (flags.wait) await assertFree(registration);
    const env = { PORT: String(registration.port), BENDER_ID: formatId(registration) };
    const program = await Program.start(command, env);
    let listensAt = registration.host;
    return supervise({
      program,
      ready: async (over) => {
        if (!flags.wait) return;
        const at = await untilReady(registration, flags['ready-timeout'], over, notice);
        if (at === undefined) return;
        listensAt = at;
        const problem = await misplaced(at, registration);
        if (problem) notice(problem);
      },
      readiness: flags.wait ? `it listened on ${registration.port}` : undefined,
      hold: () => hold({ ...holding, check: checkOf(program, holding, listensAt) }),
      drain: flags.drain > 0 ? (lease, cut) => drainFor(lease, flags.drain, cut) : undefined,
      killAfterMs: flags['kill-after'],
      stillAnswers: () => accepts({ ...registration, host: listensAt }, 300),
      tell: notice,
      onGiveUp: async (error) => {
        await this.tellFailure(error);
        return toFailure(error).exitCode;
      },
      onStopFailure: tellStopFailure,
    });
  }

  #show(registered: RegisterAnswer, part: keyof typeof parts | undefined): void {
    const { app, version, id, drainRule } = registered;
    if (this.jsonEnabled()) this.logJson(registered);
    else this.log(part ? parts[part](registered) : `${app}@${version} is online at ${hostPort(registered)}: ${id}`);
    // Otherwise nothing says why no callers come.
    if (drainRule !== undefined) notice(`It is draining: the rule '${drainRule}' drains all of it.`);
  }
}

type ProgramFlags = Record<'drain' | 'kill-after' | 'ready-timeout', number> & { wait: boolean };

/** The check of a program: where it was found to listen. A suspended one fails, although its port still accepts. */
function checkOf(program: Program, { check, registration }: Holding, listensAt: string): Holding['check'] {
  if (!check) return undefined;
  return (at) => {
    const host = listensAt === registration.host ? at.host : listensAt;
    const probe = probeOf(check(at).check, { host, port: at.port });
    return {
      ...check(at),
      check: async (signal) => {
        if (program.isStopped()) throw new Error('CMD is suspended (SIGSTOP)');
        await probe(signal);
      },
    };
  };
}
