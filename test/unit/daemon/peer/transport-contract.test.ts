/** The real transport, over a relay to the real `/peer`, does what the simulated world's does. */

import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { jest } from '@jest/globals';
import type { Frame } from '../../../../src/daemon/core/replication/frame.js';
import { StreamTransport } from '../../../../src/daemon/peer/stream-transport.js';
import { ApiServer } from '../../../helpers/api-server.js';
import { describeTransport, type TransportStage } from '../../../helpers/transport-contract.js';

describeTransport('the transport over streams', async () => {
  const server = await ApiServer.start();
  const transport = new StreamTransport();
  let isLosing = false;
  const sockets = new Set<Socket>();
  const relay = createServer((near) => {
    const far = connect(Number(new URL(server.url).port), '127.0.0.1');
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => (near.destroy(), far.destroy()));
    }
    near.on('data', (bytes) => far.write(bytes));
    far.on('data', (bytes) => isLosing || near.write(bytes));
  }).listen(0, '127.0.0.1');
  await once(relay, 'listening');
  const endPeer = async (): Promise<void> => {
    if (!relay.listening) return;
    relay.close();
    for (const socket of sockets) socket.destroy();
    await once(relay, 'close');
  };
  const stage: TransportStage = {
    transport,
    url: `http://127.0.0.1:${(relay.address() as AddressInfo).port}`,
    receive: (frame) => frame,
    loseAnswers: (isSo) => (isLosing = isSo),
    endPeer,
    complete: (promise) => promise,
    close: async () => {
      transport.close();
      await endPeer();
      await server.stop();
    },
  };
  jest.spyOn(server.daemon, 'receive').mockImplementation((frame) => stage.receive(frame as Frame));
  return stage;
});
