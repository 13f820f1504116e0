import { describe, expect, it } from '@jest/globals';
import { World } from '../../helpers/world.js';
import { Client } from '../../sim/client.js';
import { Truth } from '../../sim/truth.js';

const id = 'web/1.0.0/10.0.0.1/8080';

/** Three daemons, and a service that has just registered at the first of them. */
async function stage(cut: string[][] = []): Promise<{ world: World; truth: Truth; client: Client }> {
  const world = new World(7);
  const truth = new Truth(world);
  for (const name of ['a', 'b', 'c'])
    await world.complete(world.start(name, { peers: name === 'a' ? [] : [world.host('a').url] }));
  truth.survey();
  await world.advance(5000);
  if (cut.length > 0) world.partition(...cut);
  truth.survey();
  await world.advance(5000);
  const client = new Client(world, truth, id, 30_000, 'sticky', [world.host('a')], undefined);
  void client.run();
  await world.until(() => client.life.acks.length > 0);
  return { world, truth, client };
}

describe('the lives that a delete at another daemon ends', () => {
  it('are all, once the last registration has had the time to get there', async () => {
    const { world, truth, client } = await stage();
    await world.advance(20);
    expect(truth.deletable(world.host('b'), client.life)).toBeUndefined();
  });

  it('are those that it knows while a registration has to get there by way of a third one', async () => {
    const { world, truth, client } = await stage([['a'], ['b']]);
    await world.advance(20);
    expect(truth.deletable(world.host('b'), client.life)).toEqual(new Set());
    await world.advance(3000);
    expect(truth.deletable(world.host('b'), client.life)).toBeUndefined();
  });
});
