/** Services are replaced at their addresses: by another instance, or by another version of the app. */

import type { Answer } from './caller.js';
import type { Client } from './client.js';
import { Former } from './former.js';
import type { Stage } from './stage.js';
import type { Life } from './truth.js';
import { asId } from '../../src/model/registration.js';

/** ms after which one address is one version on all daemons that are in touch. */
const settling = 500;

export class Successions {
  constructor(private readonly stage: Stage) {}

  /** Another process takes the place of this client's. */
  async restart(client: Client): Promise<void> {
    const { instance, life } = client;
    await client.restart(() => {
      this.stage.note(`${life.id}: ${String(client.instance)} follows ${String(instance)}`);
      void new Former(this.stage, life, instance).run();
    });
  }

  /** `successor` is another version of the app of `client`, at the same address. */
  async replace(client: Client, successor: Client): Promise<void> {
    const { truth, world } = this.stage;
    const { life } = client;
    client.stop();
    // A registration under way could come after the next one.
    while (life.registering > 0) await client.wait(10);
    this.stage.note(`${successor.life.id} follows ${life.id}`);
    life.replacedAt = world.time;
    void new Former(this.stage, life, client.instance).run();
    let [knewAll, isInformed] = [false, false];
    let ended: Life['deletedLives'];
    await successor.run({
      onTaken: (host) => {
        knewAll = truth.knowsAll(host.name, life);
        isInformed = truth.isInformed(host.name, life);
        ended = truth.deletable(host, life);
        // Where the one before may be known otherwise, that one may seem to be the later of the two for a while.
        if (!isInformed) successor.life.contestedUntil = Infinity;
      },
      onRegistered: (answer) => {
        if (!knewAll) return;
        life.deletedAt ??= world.time;
        life.deletedLives = ended;
        if (isInformed) world.after(settling, () => this.#checkAddress(life, answer));
      },
    });
  }

  /** Whether all daemons show no other version any more, if nothing has happened meanwhile. */
  #checkAddress({ id }: Life, { at, heardBy }: Answer<true>): void {
    const { checker, truth, running } = this.stage;
    if (truth.disturbedAt >= at) return;
    for (const { name, daemon } of running)
      if (heardBy.has(name) && daemon!.view.winner(asId(id)))
        checker.report('instances', `${name} shows ${id}, whose address is another version's since ${at.toFixed(0)}`);
  }
}
