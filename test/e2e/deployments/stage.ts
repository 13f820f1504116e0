/** Three daemons, and instances of a real HTTP service that come and go as deployments have it. */

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from '../../../src/client/client.js';
import type { Registration } from '../../../src/model/registration.js';
import type { Running } from '../../helpers/cli.js';
import { run, start } from '../../helpers/cli.js';
import type { RunningDaemon } from '../../helpers/daemon.js';
import { startDaemon, stopDaemons } from '../../helpers/daemon.js';
import { eventually } from '../../helpers/eventually.js';

const program = join(import.meta.dirname, '../../fixtures/deployments/service.js');

/** What an instance says of itself. */
interface Tally {
  answered: number;
  /** Unix ms, by the clock of this machine; null before the first request. */
  lastAt: number | null;
}

/** One instance, under its `bender register`. */
export interface Instance extends Registration {
  process: Running;
}

/** A process that ends with the stage. */
type Owned = PromiseLike<unknown> & { kill: (signal: NodeJS.Signals) => boolean };

/** Milliseconds without a request after which an instance is taken for one that gets no more. */
const quietMs = 600;

export class Stage {
  readonly instances: Instance[] = [];
  readonly #processes: Owned[] = [];

  private constructor(
    readonly folder: string,
    readonly daemons: RunningDaemon[],
  ) {}

  static async open(): Promise<Stage> {
    const first = await startDaemon({ args: ['--warm-for', '0s'] });
    const others = await Promise.all([1, 2].map(() => startDaemon({ peers: [first.url] })));
    const stage = new Stage(await mkdtemp(join(tmpdir(), 'bender-deployment-')), [first, ...others]);
    await eventually(async () => {
      const known = await stage.client.daemons();
      return known.length === 3 && known.every(({ linked, self }) => linked || self);
    });
    return stage;
  }

  /** All URLs, as BENDER_SERVER has them. */
  get servers(): string {
    return this.daemons.map(({ url }) => url).join(',');
  }

  get client(): Client {
    return new Client({ servers: this.daemons.map(({ url }) => url) });
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  read(name: string): Promise<string> {
    return readFile(this.path(name), 'utf8');
  }

  /** Starts a daemon at the place of one that is dead. It knows nothing of what that one knew. */
  restartEmpty({ url }: RunningDaemon): Promise<RunningDaemon> {
    return startDaemon({ port: Number(new URL(url).port), args: ['--warm-for', '3s'] });
  }

  /** Runs a command of bender's, which must succeed. */
  async bender(...args: string[]): Promise<string> {
    const { stdout, stderr, exitCode } = await run(args, { server: this.servers });
    if (exitCode !== 0) throw new Error(`bender ${args.join(' ')} ended with ${exitCode}: ${stderr}`);
    return stdout;
  }

  /** Has what runs meanwhile ended with the stage, in reverse order. */
  own<T extends Owned>(process: T): T {
    this.#processes.unshift(process);
    return process;
  }

  /** Starts instances; answers when they are online. */
  async launch(version: string, count: number): Promise<Instance[]> {
    return Promise.all(
      Array.from({ length: count }, async () => {
        const address = ['--app', 'web', '--version', version, '--host', '127.0.0.1'];
        const args = ['register', ...address, '--drain', '2s', '--json'];
        const process = this.own(start([...args, '--', 'node', program], { server: this.servers }));
        let printed = '';
        process.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
        const registration = await eventually(() => JSON.parse(printed) as Registration);
        const instance = { ...registration, process };
        this.instances.push(instance);
        return instance;
      }),
    );
  }

  /** Tells instances to end, which they do when they have drained. */
  async retire(instances: Instance[]): Promise<void> {
    for (const { process } of instances) process.kill('SIGTERM');
    for (const instance of instances) {
      this.instances.splice(this.instances.indexOf(instance), 1);
      const { exitCode, stderr } = await instance.process;
      if (exitCode !== 0) throw new Error(`the service ended with ${exitCode}: ${stderr}`);
    }
  }

  /** Settles when each of them answers requests. */
  async untilBusy(instances: Instance[]): Promise<void> {
    const before = await tallies(instances);
    await eventually(async () =>
      (await tallies(instances)).every(({ answered }, index) => answered > before[index]!.answered),
    );
  }

  /** Settles when none of them gets requests any more; answers when the last one came, Unix ms. */
  async untilQuiet(instances: Instance[]): Promise<number> {
    return eventually(async () => {
      const before = await tallies(instances);
      await sleep(quietMs);
      const after = await tallies(instances);
      if (after.some(({ answered }, index) => answered > before[index]!.answered)) return undefined;
      return Math.max(...after.map(({ lastAt }) => lastAt ?? 0));
    });
  }

  async close(): Promise<void> {
    for (const process of this.#processes) process.kill('SIGTERM');
    await Promise.all(this.#processes);
    await stopDaemons();
    await rm(this.folder, { recursive: true, force: true });
  }
}

const tallies = (instances: Instance[]): Promise<Tally[]> =>
  Promise.all(
    instances.map(async ({ port }) => (await (await fetch(`http://127.0.0.1:${port}/tally`)).json()) as Tally),
  );
