/** A TCP relay that shows what passes through it. */

import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** Is shown the bytes of one connection, before they are passed on. */
export interface Tap {
  sent(bytes: Buffer): void;
  received(bytes: Buffer): void;
}

export class Relay {
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;

  private constructor(
    /** Where connections lead. */
    readonly targetPort: number,
    private readonly tap: () => Tap,
  ) {
    this.#server = createServer((near) => this.#relay(near));
  }

  /**
   * Relays to a port on this host, where something may listen later.
   * @param tap  called for each connection
   */
  static async open(targetPort: number, tap: () => Tap): Promise<Relay> {
    const relay = new Relay(targetPort, tap);
    relay.#server.listen(0, '127.0.0.1');
    await once(relay.#server, 'listening');
    return relay;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #relay(near: Socket): void {
    const far = connect(this.targetPort, '127.0.0.1');
    const tap = this.tap();
    near.on('data', (bytes: Buffer) => tap.sent(bytes));
    far.on('data', (bytes: Buffer) => tap.received(bytes));
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(from);
      from.setNoDelay();
      from.on('error', () => undefined);
      from.on('close', () => {
        this.#sockets.delete(from);
        to.destroy();
      });
      from.pipe(to);
    }
  }
}
