/** Queries by UDP, so many at a time, each sent when another one was answered. */

import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { cpuSeconds } from './usage.js';

export interface DnsThroughput {
  perSecond: number;
  /** µs of CPU of the server for an answer. */
  cpu: number;
  /** Bytes of an answer. */
  bytes: number;
}

const atATime = 64;

/** ms after which those that are under way count as lost, and others take their place. */
const lostAfterMs = 200;

/** Puts a server under load for `seconds`. Throws if an answer has not the code NOERROR. */
export async function underDnsLoad(
  { port, pid }: { port: number; pid: number },
  query: Buffer,
  seconds: number,
): Promise<DnsThroughput> {
  const socket = createSocket({ type: 'udp4', recvBufferSize: 1024 * 1024 });
  socket.connect(port, '127.0.0.1');
  await once(socket, 'connect');
  let [answers, before, bytes] = [0, 0, 0];
  let failure: Error | undefined;
  socket.on('message', (message: Buffer) => {
    if (message[3]! & 0xf) failure = new Error(`flags ${message.readUInt16BE(2).toString(16)}`);
    answers++;
    bytes = message.length;
    socket.send(query);
  });
  const fill = (): void => {
    for (let count = 0; count < atATime; count++) socket.send(query);
  };
  fill();
  const refill = setInterval(() => {
    if (answers === before) fill();
    before = answers;
  }, lostAfterMs);
  const [begun, used] = [performance.now(), cpuSeconds(pid)];
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  const [took, usedThen] = [(performance.now() - begun) / 1000, cpuSeconds(pid) - used];
  clearInterval(refill);
  socket.close();
  if (failure) throw failure;
  return { perSecond: answers / took, cpu: (usedThen * 1e6) / answers, bytes };
}
