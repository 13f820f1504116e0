import { expect, it } from '@jest/globals';
import { formatId } from '../../../../src/model/registration.js';
import { World } from '../../../helpers/world.js';

it('knows whether a registration is held here, by another daemon, or by none that is alive', async () => {
  const world = new World(7);
  const a = await world.complete(world.start('a', {}));
  const b = await world.complete(world.start('b', { peers: [a.settings.url] }));
  await world.until(() => [a, b].every((one) => one.membership.live().length === 2), 3000);
  const web = { app: 'web', version: '1.0.0', host: '10.0.0.1', port: 8080 };
  const id = formatId(web);
  expect(a.heldAt(id)).toBe('nowhere');
  b.register(web, { ttl: 60_000 });
  await world.until(() => a.known(id) !== undefined, 3000);
  expect([a, b].map((one) => one.heldAt(id))).toEqual(['elsewhere', 'here']);
  world.kill('b');
  await world.until(() => a.membership.live().length === 1, 10_000);
  expect(a.heldAt(id)).toBe('nowhere');
});
