import { Flags } from '../cli/oclif.js';
import { addressFlags, newAddress, portFlag } from '../cli/address.js';
import { ClientCommand } from '../cli/client-command.js';
import { exactly } from '../cli/durations.js';
import { drainFor } from '../cli/drain.js';
import { duration } from '../cli/flags.js';
import { hold, holdUntilStopped, tellStopFailure } from '../cli/hold.js';
import { untilReady } from '../cli/listening.js';
import { notice } from '../cli/notice.js';
import { Program } from '../cli/program.js';
import { registrationFlags, registrationOptions } from '../cli/registration-flags.js';
import { splitProgram } from '../cli/split-program.js';
import { supervise } from '../cli/supervise.js';
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
  static override summary = 'Announce an instance of a service.';
  static override description = `The registration expires unless it is renewed: by this command again, by \
\`bender renew\`, or with --hold.

With a CMD after \`--\`, bender chooses the port, starts CMD with PORT and BENDER_ID in its environment, registers it \
as soon as the port accepts connections, and holds the registration while CMD lives. Signals are passed on; on SIGTERM \
and SIGINT the registration ends first; with --drain it is left out of load balancing for a while before that, for callers \
to go elsewhere. (A terminal sends Ctrl-C to CMD as well, which may then end at once.) The exit code is that of CMD.`;
  static override usage = '<%= command.id %> --app APP --version VERSION [FLAGS] [-- CMD ARGS...]';
  static override examples = [
    '<%= config.bin %> register --app web --version 1.2.0 --port 8080 --meta zone=b --hold',
    '<%= config.bin %> register --app web --version 1.2.0 -- node server.js',
    '<%= config.bin %> register --app web --version 1.2.0 --drain 5s -- node server.js',
    'PORT=$(<%= config.bin %> register --app web --version 1.2.0 --print port)',
  ];
  static override flags = {
    ...addressFlags,
    port: portFlag('$PORT, else a free one'),
    ...registrationFlags,
    hold: Flags.boolean({ description: 'Keep renewing until interrupted, then deregister.' }),
    drain: duration({
      default: 0,
      defaultHelp: async () => '0',
      description:
        'On SIGTERM or SIGINT, drain for so long before it is deregistered; a second signal cuts it short.',
    }),
    print: Flags.option({
      options: Object.keys(parts) as (keyof typeof parts)[],
      description: 'Print only this, for scripts.',
    })(),
    wait: Flags.boolean({
      default: true,
      allowNo: true,
      description: 'Register CMD only once its port accepts connections.',
    }),
    'ready-timeout': duration({
      default: 10_000,
      defaultHelp: async () => '10s',
      description: 'How long CMD may take for that, before it is given up.',
    }),
  };

  async run(): Promise<void> {
    const { own, program } = splitProgram(this.argv);
    const { flags } = await this.parse(Register, own);
    const client = this.client(flags);
    const registration = { ...(await newAddress(flags)), ...registrationOptions(flags) };
    const show = (registered: RegisterAnswer): void => this.#show(registered, flags.print);

    if (flags.hold && program.length === 0) return holdUntilStopped(flags.drain, client, registration, show);
    if (program.length === 0) {
      const registered = await client.register(registration);
      show(registered);
      return notice(`It expires in ${exactly(registered.ttl)} unless it is renewed.`);
    }
    const env = { PORT: String(registration.port), BENDER_ID: formatId(registration) };
    const exitCode = await supervise({
      program: await Program.start(program, env),
      ready: async (over) =>
        flags.wait ? untilReady(registration, flags['ready-timeout'], over) : undefined,
      hold: () => hold(client, registration, show),
      drain: flags.drain > 0 ? (lease, cut) => drainFor(lease, flags.drain, cut) : undefined,
      onStopFailure: tellStopFailure,
    });
    this.exit(exitCode);
  }

  #show(registered: RegisterAnswer, part: keyof typeof parts | undefined): void {
    const { app, version, id } = registered;
    if (this.jsonEnabled()) this.logJson(registered);
    else
      this.log(
        part ? parts[part](registered) : `${app}@${version} is online at ${hostPort(registered)}: ${id}`,
      );
  }
}
