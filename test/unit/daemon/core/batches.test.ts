import { expect, it, jest } from '@jest/globals';
import { inBatches } from '../../../../src/daemon/core/batches.js';
import { Commands } from '../../../../src/daemon/core/commands.js';
import { World } from '../../../helpers/world.js';

it('gives other work its turn between the batches', async () => {
  const deferred: (() => void)[] = [];
  const sizes: number[] = [];
  const done = inBatches({ defer: (run) => void deferred.push(run) }, [1, 2, 3, 4, 5], 2, (batch) => {
    sizes.push(batch.length);
    return batch.filter((number) => number !== 3);
  });
  for (const expected of [[2], [2, 2], [2, 2, 1]]) {
    expect(sizes).toEqual(expected);
    deferred.shift()?.();
    await Promise.resolve();
  }
  expect(await done).toEqual([1, 2, 4, 5]);
});

it('is how a daemon renews thousands at once', async () => {
  const world = new World(1);
  const daemon = await world.complete(world.start('a'));
  const ids = Array.from({ length: 2500 }, (_, index) => `web/1/h/${index + 1}`);
  for (const id of ids.slice(0, 2400))
    daemon.register({ app: 'web', version: '1', host: 'h', port: Number(id.split('/')[3]) }, {});
  const renewKnown = jest.spyOn(Commands.prototype, 'renewKnown');
  const done = daemon.renewAll(ids.map((id) => ({ id })));
  expect(renewKnown).toHaveBeenCalledTimes(1000);
  expect((await world.complete(done)).map(({ id }) => id)).toEqual(ids.slice(2400));
});
