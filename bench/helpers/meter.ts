/** Counts what daemons send to each other: where traffic is measured, peers reach a daemon through a meter. */

import { Relay } from '../../test/helpers/relay.js';

export class Meter {
  /** Of both directions. */
  bytes = 0;
  #relay!: Relay;

  /** Passes connections on to a port of this host. */
  static async open(port: number): Promise<Meter> {
    const meter = new Meter();
    const count = (chunk: Buffer): void => void (meter.bytes += chunk.length);
    meter.#relay = await Relay.open(port, () => ({ sent: count, received: count }));
    return meter;
  }

  get url(): string {
    return this.#relay.url;
  }

  close(): void {
    this.#relay.close();
  }
}
