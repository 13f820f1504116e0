import { expect, it } from '@jest/globals';
import { logInstances } from '../../../src/daemon/instance-log.js';
import { World } from '../../helpers/world.js';

it('tells of each instance that comes and goes, with the reason', async () => {
  const world = new World(1);
  const daemon = await world.complete(world.start('a'));
  const lines: unknown[] = [];
  logInstances(daemon.events, { debug: (fields, message) => lines.push({ ...fields, message }) });
  const address = { app: 'web', version: '1.2.0', host: '10.0.0.5', port: 8080 };
  daemon.register(address, { ttl: 2000, instance: 'i1' });
  await world.advance(1000);
  await daemon.renew('web/1.2.0/10.0.0.5/8080');
  await world.advance(5000);
  const of = { id: 'web/1.2.0/10.0.0.5/8080', instance: 'i1' };
  expect(lines).toEqual([
    { ...of, message: 'online' },
    { ...of, reason: 'expired', message: 'offline' },
  ]);
});
