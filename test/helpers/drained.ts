/** An instance at three daemons on a virtual clock, to be drained. */

import type { Daemon } from '../../src/daemon/core/daemon.js';
import type { RegistrationState } from '../../src/model/registration.js';
import { World } from './world.js';

export const web = { app: 'web', version: '1.0.0', host: '10.0.0.1', port: 8080 };
export const id = 'web/1.0.0/10.0.0.1/8080';
export const drain: RegistrationState = { draining: true, reason: 'deploy' };

export const shown = (daemon: Daemon) => daemon.registrations({ app: 'web' })[0];
export const drainingAt = (daemons: readonly Daemon[]) => daemons.map((daemon) => shown(daemon)?.draining);
export const updates = (daemon: Daemon) =>
  daemon.events
    .since(`${daemon.events.runId}:0`)!
    .flatMap(({ event }) =>
      event.type === 'updated' ? [[event.registration.draining, event.reason, event.previous]] : [],
    );

/** Three daemons; the instance is held by the first. */
export async function bench(seed = 1) {
  // What one daemon sends to another arrives in that order, as over a stream: each message takes the same time.
  const world = new World(seed, { delay: [1, 1] });
  const daemons: Daemon[] = [];
  for (const name of ['a', 'b', 'c'])
    daemons.push(
      await world.complete(world.start(name, { peers: daemons.slice(0, 1).map((one) => one.settings.url) })),
    );
  const [a, b, c] = daemons as [Daemon, Daemon, Daemon];
  a.register(web, {});
  await world.until(() => daemons.every((daemon) => shown(daemon)));
  await world.until(() => daemons.every((one) => one.membership.live().length === 3), 3000);
  const set = (daemon: Daemon, state: RegistrationState) => world.complete(daemon.setState(id, state));
  /** Time passes, in which the instance renews at `daemon`. */
  const renewing = async (daemon: Daemon, ms: number) => {
    for (const until = world.time + ms; world.time < until; await world.advance(500))
      await world.complete(Promise.resolve(daemon.renew(id)));
  };
  return { world, a, b, c, daemons, set, renewing };
}
