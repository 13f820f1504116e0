/** What `bender demo` shows, in the order of a first day: a cluster, a deployment, a crash, a lost daemon. */

import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from '../../client/index.js';
import type { BenderEvent } from '../../model/events.js';
import { TimedOutError } from '../../model/errors.js';
import { deploy } from '../deploy.js';
import { numberOf } from '../number-of.js';
import { type Answers, Callers } from './callers.js';
import type { Stage } from './stage.js';
import { type DemoDaemon, ttlMs } from './stage.js';

export interface Teller {
  /** A heading. */
  act: (text: string) => void;
  /** What was done, or seen. */
  tell: (text: string) => void;
}

/** ms for which requests run before they are counted. */
const aWhileMs = 1500;

export class Story {
  readonly #events = new Map<string, BenderEvent[]>();
  readonly #over = new AbortController();
  #callers: Callers | undefined;

  constructor(
    private readonly stage: Stage,
    private readonly teller: Teller,
  ) {}

  /** Ends what it has begun; the processes are the stage's. */
  async end(): Promise<void> {
    this.#over.abort();
    await this.#callers?.end();
  }

  async run(): Promise<void> {
    const client = await this.#cluster();
    await this.#services(client);
    await this.#deployment(client);
    await this.#crash();
    await this.#lostDaemon();
  }

  async #cluster(): Promise<Client> {
    const { act, tell } = this.teller;
    act('Three daemons find each other. None of them is the master.');
    for (const _ of [1, 2, 3]) tell(`bender serve        ${(await this.stage.startDaemon()).url}`);
    const client = new Client({ servers: this.stage.urls });
    await this.#until('the daemons to find each other', async () => {
      const each = await Promise.all(this.stage.urls.map((url) => new Client({ servers: [url] }).status()));
      return each.every(({ counts, ready }) => counts.daemons === 3 && ready);
    });
    for (const { url } of this.stage.daemons) this.#watch(url);
    // The first one is the one that is killed.
    tell(`watch it all at     ${this.stage.urls.at(-1)}/ui`);
    return client;
  }

  async #services(client: Client): Promise<void> {
    const { act, tell } = this.teller;
    act('Two instances of web 1.0.0 register, each at another daemon, and keep renewing.');
    for (const _ of [1, 2]) tell(`bender register     ${await this.stage.startService('1.0.0')}`);
    await client.createBackend({ name: 'web', app: 'web', version: '1.0.0' });
    tell('bender backends create web --app web --version 1.0.0');
    await client.createFrontend({ name: 'www', backend: 'web' });
    tell('bender frontends create www --backend web');
    this.#callers = new Callers(client, 'www');
    await sleep(aWhileMs);
    tell(`callers of www: ${said(this.#callers.take())}`);
  }

  async #deployment(client: Client): Promise<void> {
    const { act, tell } = this.teller;
    act('A deployment: web 1.1.0 starts, and the backend switches once that is stable.');
    for (const _ of [1, 2]) tell(`bender register     ${await this.stage.startService('1.1.0')}`);
    await deploy(client, 'web', '1.1.0', {
      atLeast: 2,
      stableForMs: 500,
      timeoutMs: 20_000,
      onProgress: () => undefined,
    });
    tell('bender deploy web --version 1.1.0 --wait 2 --stable-for 500ms');
    await sleep(aWhileMs);
    tell(`callers of www: ${said(this.#callers!.take())}`);
  }

  async #crash(): Promise<void> {
    const { act, tell } = this.teller;
    act(`A third instance is killed. It stops renewing, and its lease of ${ttlMs / 1000} s ends.`);
    const id = await this.stage.startService('1.1.0');
    tell(`bender register     ${id}`);
    await this.#seen('online', id);
    const begun = performance.now();
    this.stage.killService(id);
    tell(`kill -KILL          ${id}`);
    await this.#seen('offline', id);
    const afterS = ((performance.now() - begun) / 1000).toFixed(1);
    tell(`offline (expired) at all three daemons, ${afterS} s later`);
    // Until callers have looked again.
    await sleep(aWhileMs);
    const answers = this.#callers!.take();
    tell(`callers of www: ${said(answers)}${answers.failed > 0 ? ' (sent to it)' : ''}`);
  }

  async #lostDaemon(): Promise<void> {
    const { act, tell } = this.teller;
    act('A daemon is killed. Its services renew at the others: nothing goes offline.');
    const [lost] = this.stage.daemons as [DemoDaemon];
    lost.process.kill('SIGKILL');
    await this.#until('the daemon to be gone', () => !this.stage.urls.includes(lost.url));
    const before = this.#offline();
    tell(`kill -KILL          ${lost.url}`);
    await this.#until('the others to miss it', () =>
      this.stage.urls.every((url) => this.#events.get(url)!.some(({ type }) => type === 'daemon-offline')),
    );
    await sleep(2 * ttlMs);
    const gone = this.#offline() - before;
    tell(`the daemon is lost for the others; ${gone === 0 ? 'no instance' : numberOf(gone, 'instance')} went offline`);
    tell(`callers of www: ${said(this.#callers!.take())}`);
  }

  /** How many instances of the app have gone offline, as the daemons see it that run. */
  #offline(): number {
    const gone = this.stage.urls.flatMap((url) => this.#events.get(url)!.filter((event) => isOf(event, 'offline')));
    return gone.length;
  }

  /** Follows what a daemon sees. */
  #watch(url: string): void {
    const seen: BenderEvent[] = [];
    this.#events.set(url, seen);
    const follow = async (): Promise<void> => {
      for await (const { event } of new Client({ servers: [url] }).events({}, { signal: this.#over.signal }))
        seen.push(event);
    };
    // A daemon that is gone has no more to say.
    follow().catch(() => undefined);
  }

  /** Waits until all daemons have said so of an instance. */
  #seen(type: 'online' | 'offline', id: string): Promise<void> {
    return this.#until(`${id} to be ${type}`, () =>
      this.stage.urls.every((url) =>
        this.#events.get(url)!.some((event) => isOf(event, type) && event.registration.id === id),
      ),
    );
  }

  async #until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
    const deadline = performance.now() + 30_000;
    while (!(await isSo())) {
      if (performance.now() > deadline) throw new TimedOutError(`waited for ${what} for 30 s`);
      await sleep(20);
    }
  }
}

type InstanceEvent = Extract<BenderEvent, { type: 'online' | 'offline' }>;

/** Whether this is an event of an instance of the app, and not of a daemon. */
const isOf = (event: BenderEvent, type: InstanceEvent['type']): event is InstanceEvent =>
  event.type === type && event.registration.app === 'web';

/** `142 answered by 1.0.0, 20 by 1.1.0, none failed`. */
function said({ byVersion, failed }: Answers): string {
  const versions = Object.entries(byVersion).sort(([a], [b]) => (a < b ? -1 : 1));
  const each = versions.map(([version, count], index) => `${count} ${index === 0 ? 'answered by' : 'by'} ${version}`);
  return [...each, `${failed === 0 ? 'none' : failed} failed`].join(', ');
}
