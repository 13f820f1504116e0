/** A TCP proxy that counts: what daemons say to each other goes through one where traffic is measured. */

import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Passes connections on to a port and counts the bytes of both directions. */
export class Meter {
  bytes = 0;
  readonly #sockets = new Set<Socket>();
  readonly #server = createServer((outer) => {
    const inner = connect(this.port, '127.0.0.1');
    for (const [from, to] of [
      [outer, inner],
      [inner, outer],
    ] as const) {
      this.#sockets.add(from);
      from.setNoDelay();
      from.on('data', (chunk: Buffer) => (this.bytes += chunk.length));
      from.on('error', () => to.destroy());
      from.on('close', () => {
        this.#sockets.delete(from);
        to.destroy();
      });
      from.pipe(to);
    }
  });

  private constructor(private readonly port: number) {}

  static async open(port: number): Promise<Meter> {
    const meter = new Meter(port);
    meter.#server.listen(0, '127.0.0.1');
    await once(meter.#server, 'listening');
    return meter;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }
}
