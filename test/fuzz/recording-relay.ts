/**
 * A relay before a daemon that notes what passes through it: HTTP requests, and the messages of peers in both
 * directions.
 */

import { headerBytes } from '../../src/daemon/peer/message.js';
import { freePort } from '../helpers/free-port.js';
import { Relay, type Tap } from '../helpers/relay.js';

export interface Heard {
  request(bytes: Buffer): void;
  /** With the length before it. */
  message(bytes: Buffer): void;
}

/** Opens a relay to a port on which the daemon is still to listen. */
export const openRecordingRelay = async (heard: Heard): Promise<Relay> =>
  Relay.open(await freePort(), () => recorder(heard));

function recorder(heard: Heard): Tap {
  const [said, answered] = [new Splitter(heard), new Splitter(heard)];
  return {
    sent: (bytes) => said.take(bytes),
    received: (bytes) => {
      // Clients here send their next request when they have the answer.
      said.endRequest();
      answered.take(bytes);
    },
  };
}

/** Tells requests and messages of one direction apart. */
class Splitter {
  #bytes = Buffer.alloc(0);
  #isStream = false;

  constructor(private readonly heard: Heard) {}

  take(bytes: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
    const head = this.#isStream ? '' : this.#bytes.toString('latin1');
    const end = head.indexOf('\r\n\r\n') + 4;
    if (end > 4 && /^(GET \/peer |HTTP\/1\.1 101 )/.test(head)) {
      if (head.startsWith('GET')) this.heard.request(this.#bytes.subarray(0, end));
      this.#isStream = true;
      this.#bytes = this.#bytes.subarray(end);
    }
    if (this.#isStream) this.#takeMessages();
  }

  /** What came so far was a request, which is answered now. */
  endRequest(): void {
    if (this.#isStream || this.#bytes.length === 0) return;
    if (!this.#bytes.toString('latin1').startsWith('HTTP/')) this.heard.request(this.#bytes);
    this.#bytes = Buffer.alloc(0);
  }

  #takeMessages(): void {
    while (this.#bytes.length >= headerBytes) {
      const end = headerBytes + this.#bytes.readUInt32BE();
      if (this.#bytes.length < end) return;
      this.heard.message(this.#bytes.subarray(0, end));
      this.#bytes = this.#bytes.subarray(end);
    }
  }
}
