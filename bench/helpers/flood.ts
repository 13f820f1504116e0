/**
 * A process that asks one server for more than it can answer: half renewals, half look-ups, over many connections, one
 * at a time or pipelined. It offers a rate, and goes on whatever is answered.
 */

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { look, renew } from './messages.js';
import { requestText } from './requests.js';
import { perVersion } from './instances.js';

const itself = fileURLToPath(import.meta.url);

export interface FloodOptions {
  port: number;
  /** Requests per second that it tries to send. */
  rate: number;
  connections: number;
  /** Requests that one connection sends ahead of their answers; 1: one at a time. */
  ahead: number;
  /** The first of {@link perVersion} instances that it asks about. */
  from: number;
}

/** How many were sent, and how they were answered. */
export interface Flooded {
  sent: number;
  answered: number;
  refused: number;
  broken: number;
}

export class Flood {
  private constructor(private readonly child: ChildProcess) {}

  static async start(options: FloodOptions): Promise<Flood> {
    const child = fork(itself, [JSON.stringify(options)]);
    await once(child, 'message');
    return new Flood(child);
  }

  async stop(): Promise<Flooded> {
    this.child.send('stop');
    const [flooded] = (await once(this.child, 'message')) as [Flooded];
    this.child.disconnect();
    return flooded;
  }
}

/** ms between two looks at what is due. */
const tickMs = 5;

async function flood({ port, rate, connections, ahead, from }: FloodOptions): Promise<void> {
  const messages = Array.from({ length: perVersion }, (_, index) =>
    [renew, look].map((message) => requestText(message(from + index))).join(''),
  ).join('');
  const batch = ahead === 1 ? 1 : 2 * perVersion;
  const single = [renew(from), look(from)].map(requestText);
  const flooded: Flooded = { sent: 0, answered: 0, refused: 0, broken: 0 };
  const free: Socket[] = [];
  let over = false;

  const open = async (): Promise<void> => {
    const socket = connect(port, '127.0.0.1');
    let waiting = 0;
    socket.on('error', () => undefined);
    socket.on('close', () => {
      if (over) return;
      flooded.broken++;
      setTimeout(() => void open(), 100);
    });
    socket.on('data', (chunk: Buffer) => {
      const text = chunk.toString('latin1');
      const answers = text.match(/HTTP\/1\.1 (\d+)/g) ?? [];
      waiting -= answers.length;
      flooded.answered += answers.length;
      flooded.refused += answers.filter((answer) => answer.endsWith('503')).length;
      if (waiting <= ahead - batch && isAway.delete(socket)) free.push(socket);
    });
    socket.on('sent', () => {
      waiting += batch;
      if (waiting <= ahead - batch && isAway.delete(socket)) free.push(socket);
    });
    await once(socket, 'connect').catch(() => undefined);
    free.push(socket);
  };
  const isAway = new Set<Socket>();
  await Promise.all(Array.from({ length: connections }, open));

  const begun = performance.now();
  let missed = 0;
  const timer = setInterval(() => {
    const due = ((performance.now() - begun) / 1000) * rate;
    for (let left = free.length; left > 0 && flooded.sent + missed < due; left--) {
      const socket = free.shift()!;
      if (socket.destroyed) continue;
      isAway.add(socket);
      socket.write(batch === 1 ? single[flooded.sent % 2]! : messages);
      flooded.sent += batch;
      socket.emit('sent');
    }
    // What could not be sent in time is not made up for.
    missed = Math.max(missed, due - flooded.sent);
  }, tickMs);
  process.send!('open');
  process.once('message', () => {
    over = true;
    clearInterval(timer);
    process.send!(flooded, () => process.exit());
  });
}

if (process.argv[1] === itself) void flood(JSON.parse(process.argv[2]!) as FloodOptions);
