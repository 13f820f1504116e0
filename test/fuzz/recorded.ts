/** What daemons really say to each other, recorded from a simulated cluster: the material of what is mutated. */

import type { Frame } from '../../src/daemon/core/replication/frame.js';
import { World } from '../helpers/world.js';

/** Frames of every kind: joins, heartbeats, pushes, transfers, forwarded renewals, epochs, a goodbye. */
export async function recordFrames(): Promise<Frame[]> {
  const world = new World(11, { loss: 0.02 });
  const frames: Frame[] = [];
  world.onMessage = (_from, _to, frame) => void frames.push(frame);
  const names = ['a', 'b', 'c', 'd'];
  for (const name of names)
    await world.complete(
      world.start(name, { cluster: 'default', peers: [world.host('a').url], historySlack: 5 }),
    );
  for (let index = 0; index < 80; index++) {
    const daemon = world.host(names[index % names.length]!).daemon!;
    const address = { app: 'web', version: `1.${index % 5}.0`, host: `10.0.0.${(index % 20) + 1}`, port: 80 };
    daemon.register(address, { ttl: 2000, meta: { index, deep: { zone: 'é', list: [1, 2.5, null] } } });
    if (index % 7 === 0)
      daemon.catalog.backends.create({ name: `b${index}`, app: 'web', version: '1' }, 'ann');
    if (index % 9 === 0)
      void daemon.deregister(`web/1.${index % 5}.0/10.0.0.${(index % 20) + 1}/80`).catch(() => undefined);
    if (index % 11 === 0)
      void daemon
        .setState(`web/1.${index % 5}.0/10.0.0.${(index % 20) + 1}/80`, { draining: true, reason: 'r' })
        .catch(() => undefined);
    await world.advance(120);
  }
  await world.complete(world.host('d').daemon!.stop());
  await world.advance(3000);
  return frames;
}

/** All changes that the frames bring. */
export const changesIn = (frames: readonly Frame[]): Uint8Array[] =>
  frames.flatMap(({ sync }) => (sync?.changes ?? []).flatMap(([, changes]) => changes));
