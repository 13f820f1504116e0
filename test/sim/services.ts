/** The services of a run: they come, say other things of themselves, are drained by operators, and go. */

import type { Habit } from './caller.js';
import { Client } from './client.js';
import type { Stage } from './stage.js';
import { Successions } from './successions.js';
import type { Variety } from './variety.js';

export class Services {
  readonly clients: Client[] = [];
  readonly #successions: Successions;
  #serial = 0;

  constructor(
    private readonly stage: Stage,
    private readonly variety: Variety,
  ) {
    this.#successions = new Successions(stage);
  }

  get alive(): Client[] {
    return this.clients.filter(({ stopped }) => !stopped);
  }

  spawn(): void {
    const { below } = this.stage;
    void this.#client((serial) => `app${below(3)}/1.${below(2)}.0/10.0.0.${serial}/80`).run();
  }

  #client(idOf: (serial: number) => string): Client {
    const { world, truth, hosts, pick, chance } = this.stage;
    const habit = pick<Habit>(['sticky', 'rotating', 'random']);
    const id = idOf(++this.#serial);
    const name = chance(0.5) ? `i${this.#serial}` : undefined;
    const client = new Client(world, truth, id, pick(this.variety.ttls), habit, hosts, name);
    this.clients.push(client);
    return client;
  }

  /** One of them is replaced at its address. */
  async #replaceOne(): Promise<void> {
    const client = this.stage.pick(this.alive);
    if (!client) return;
    if (client.instance !== undefined && this.stage.chance(0.6)) return this.#successions.restart(client);
    const [app, , host, port] = client.life.id.split('/');
    await this.#successions.replace(
      client,
      this.#client((serial) => `${app}/2.${serial}.0/${host}/${port}`),
    );
  }

  /** One of them stops renewing, or deregisters. */
  async endOne(mustDelete = false): Promise<void> {
    const client = this.stage.pick(this.alive);
    if (!client) return;
    if (!mustDelete && this.stage.chance(0.5)) client.stop();
    else await client.deregister();
    this.stage.note(`end of ${client.life.id}${client.life.deletedAt === undefined ? '' : ', deleted'}`);
  }

  /** Some come and some are deleted, at moments of the next seconds. */
  churn(): void {
    for (let count = 0; count < 4; count++) {
      this.spawn();
      this.spawn();
      this.#soon(8000, () => void this.endOne(true));
    }
  }

  /** Updates, replacements and decisions at moments of the next seconds, whatever happens then. */
  scheduleOrders(): void {
    const { pick, below, chance, hosts } = this.stage;
    for (let index = below(3); index > 0; index--) this.#soon(7000, () => void this.#replaceOne());
    for (let index = below(3); index > 0; index--)
      this.#soon(7000, () => {
        const client = pick(this.alive);
        if (client) void this.#update(client, 1 + below(3));
      });
    for (let index = below(4); index > 0; index--)
      this.#soon(7000, () => {
        const client = pick(this.alive);
        const host = pick(hosts);
        const draining = chance(0.7);
        const forMs = draining && chance(0.5) ? 1000 + below(12_000) : undefined;
        if (!client) return;
        const what = draining ? `drain${forMs === undefined ? '' : ` for ${forMs} ms`}` : 'undrain';
        this.stage.note(`${what} of ${client.life.id} at ${host.name}`);
        const { life } = client;
        const state = { draining, ...(forMs !== undefined && { forMs }) };
        void client.decide(host, state, (taken) => this.stage.checker.drains.expectEnd(life, taken));
      });
  }

  stopAll(): void {
    for (const client of this.clients) client.stop();
  }

  /** So many updates, each after the answer to the one before. */
  async #update(client: Client, count: number): Promise<void> {
    for (; count > 0 && !client.stopped; count--) {
      await client.update();
      await client.wait(this.variety.fastUpdates ? this.stage.below(400) : 1400 + this.stage.below(1000));
    }
  }

  #soon(withinMs: number, run: () => void): void {
    this.stage.world.after(this.stage.below(withinMs), run);
  }
}
