/** The simulated world's transport does what the real one does: see transport-contract.test.ts of the peers. */

import type { Daemon } from '../../../src/daemon/core/daemon.js';
import { describeTransport, type TransportStage } from '../../helpers/transport-contract.js';
import { World } from '../../helpers/world.js';

describeTransport('the transport of the simulated world', () => {
  const world = new World(1);
  const peer = world.host('peer');
  const stage: TransportStage = {
    transport: world.transportOf('caller'),
    url: peer.url,
    receive: (frame) => frame,
    loseAnswers: (isSo) => (isSo ? world.cut.add('peer>caller') : world.cut.delete('peer>caller')),
    endPeer: () => Promise.resolve(world.kill('peer')),
    complete: (promise) => world.complete(promise, 300_000),
    close: () => Promise.resolve(),
  };
  peer.daemon = { receive: (frame) => stage.receive(frame as never) } as Daemon;
  return Promise.resolve(stage);
});
