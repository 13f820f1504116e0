import { describe, expect, it, jest } from '@jest/globals';
import { type Host, World } from '../../helpers/world.js';
import { Checker } from '../../sim/checker.js';
import { Client } from '../../sim/client.js';
import { Truth } from '../../sim/truth.js';

const id = 'web/1.0.0/10.0.0.1/8080';

interface Staged {
  world: World;
  truth: Truth;
  checker: Checker;
  client: Client;
  /** The daemons that the client asks. */
  asked: Host[];
}

/** Three daemons, and instance `i-0`, which has registered at the first of them. */
async function stage(): Promise<Staged> {
  const world = new World(7);
  const truth = new Truth(world);
  const checker = new Checker(world, truth);
  for (const place of ['a', 'b', 'c']) {
    const daemon = await world.complete(world.start(place, { peers: place === 'a' ? [] : [world.host('a').url] }));
    checker.watch(world.host(place), daemon);
  }
  truth.survey();
  await world.advance(5000);
  const asked = [world.host('a')];
  const client = new Client(world, truth, id, 30_000, 'sticky', asked, 'i');
  void client.run();
  await world.advance(5000);
  return { world, truth, checker, client, asked };
}

/** The process of `i-0` says goodbye, late, at the third daemon. */
async function sayGoodbye({ world, client }: Staged): Promise<void> {
  client.life.goodbyes.add('i-0');
  await world.complete(world.host('c').daemon!.deregister(client.life.id, 'i-0'));
  await world.advance(2000);
}

describe('an instance that another one follows, and that says goodbye', () => {
  it('may leave nothing, while no daemon has taken the registration of the other one', async () => {
    const staged = await stage();
    const { world, truth, checker, client, asked } = staged;
    world.pause('b');
    truth.survey();
    asked[0] = world.host('b');
    void client.restart(() => undefined);
    await world.advance(3000);
    await sayGoodbye(staged);
    expect(
      world
        .host('a')
        .daemon!.registrations({})
        .map((one) => one.id as string),
    ).not.toContain(id);
    expect(checker.violations).toEqual([]);
  });

  it('may not leave nothing once a daemon has acknowledged the other one', async () => {
    const staged = await stage();
    const { world, checker, client } = staged;
    // This daemon acknowledges it and does not register it.
    jest.spyOn(world.host('a').daemon!, 'register').mockReturnValue(undefined as never);
    void client.restart(() => undefined);
    await world.advance(3000);
    await sayGoodbye(staged);
    expect(checker.violations.join('\n')).toMatch(/a says deregistered of .* \(i-0\), and nothing of web/);
  });
});
