/**
 * A process with many watchers of one daemon's events. All of them read; a sample of them looks at what it reads,
 * so that the looking does not become what is measured.
 */

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';

const itself = fileURLToPath(import.meta.url);

/** When the events of which instance arrived: [id, ms] for each watcher of the sample. */
export type Arrivals = [id: string, at: number][];

/** ms by a clock that all processes of the machine share. */
export const sharedNow = (): number => Number(process.hrtime.bigint()) / 1e6;

export class Watching {
  private constructor(private readonly child: ChildProcess) {}

  static async open(port: number, watchers: number, sample: number): Promise<Watching> {
    const child = fork(itself, [String(port), String(watchers), String(sample)]);
    await once(child, 'message');
    return new Watching(child);
  }

  /** Ends the watchers. */
  async close(): Promise<{ arrivals: Arrivals; alive: number }> {
    this.child.send('stop');
    const [found] = (await once(this.child, 'message')) as [{ arrivals: Arrivals; alive: number }];
    this.child.disconnect();
    return found;
  }
}

async function watch(port: number, watchers: number, sample: number): Promise<void> {
  const arrivals: Arrivals = [];
  let alive = 0;
  const buffer = Buffer.alloc(65_536);
  for (let number = 0; number < watchers; number++) {
    const sampled = number % Math.ceil(watchers / sample) === 0;
    await new Promise<void>((resolve) => {
      const socket = connect({
        port,
        host: '127.0.0.1',
        onread: {
          buffer,
          callback: (length, bytes) => {
            resolve();
            if (sampled) look(Buffer.from(bytes.buffer, bytes.byteOffset, length).toString('latin1'), arrivals);
            return true;
          },
        },
      });
      socket.on('error', () => undefined);
      socket.on('close', () => alive--);
      alive++;
      socket.write('GET /events?type=online HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n');
    });
  }
  process.send!('open');
  process.once('message', () => {
    process.send!({ arrivals, alive }, () => process.exit());
  });
}

const online = /"type":"online","registration":\{"resource":"Registration","id":"([^"]+)"/g;

function look(text: string, arrivals: Arrivals): void {
  const at = sharedNow();
  for (const [, id] of text.matchAll(online)) arrivals.push([id!, at]);
}

if (process.argv[1] === itself) {
  const [port, watchers, sample] = process.argv.slice(2).map(Number) as [number, number, number];
  void watch(port, watchers, sample);
}
