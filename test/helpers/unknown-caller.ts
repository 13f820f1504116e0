/** A program that reaches the peer port of a real daemon, and says there what it likes. */

import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { hashOf } from '../../src/crdt/change-reader.js';
import { holdingsName } from '../../src/crdt/holdings.js';
import type { DocumentName, RunId } from '../../src/crdt/ids.js';
import { type Frame, protocolVersion, type Sign } from '../../src/daemon/core/replication/frame.js';
import { aliveText, callText, changeText, runIdOf } from '../../src/daemon/core/identity.js';
import { ed25519 } from '../../src/daemon/ed25519.js';
import { encodeMessage, type Message } from '../../src/daemon/peer/message.js';
import { MessageReader } from '../../src/daemon/peer/message-reader.js';
import { streamProtocol } from '../../src/daemon/peer/message-stream.js';
import { asRunId, entryOf, holdingsOf, ownerOf } from './samples.js';

/** What came of a message: the frame that answers it, the code and message of a refusal, or the end of the stream. */
export type Outcome = { frame: Frame } | { code: string; message: string } | 'closed';

/** Where nobody listens. */
const nowhere = 'http://127.9.9.8:9';

export class UnknownCaller {
  readonly #identity = ed25519.newIdentity();
  readonly runId = runIdOf(this.#identity.key);

  /** Sends one frame over a stream of its own. `from` replaces parts of what it says of itself. */
  async send(to: { url: string }, said: object, from: object = {}): Promise<Outcome> {
    const { runId: receiver } = (await (await fetch(`${to.url}/status`)).json()) as { runId: string };
    const { key } = this.#identity;
    const proof = this.#identity.sign(callText(asRunId(receiver), to.url));
    const own = { name: 'x', runId: this.runId, generation: 1, url: nowhere, synced: true, warm: true, key, proof };
    const frame = { v: protocolVersion, cluster: 'default', from: { ...own, ...from }, ...said };
    return this.sendBytes(to, encodeMessage([1, frame]));
  }

  /** Sends bytes, whatever they are, over a stream of their own. */
  async sendBytes({ url }: { url: string }, bytes: Uint8Array): Promise<Outcome> {
    const socket = await openedAt(url);
    try {
      socket.write(bytes);
      return await outcomeOn(socket);
    } finally {
      socket.destroy();
    }
  }

  /** Holdings that it signs itself, under any name and for any owner. */
  holdings({
    name = holdingsName(this.runId, 1),
    owner = {} as Parameters<typeof ownerOf>[1],
    entries = {} as Record<string, Parameters<typeof entryOf>[0]>,
  }): { sync: { changes: [DocumentName, Uint8Array[], [Uint8Array, Uint8Array]][] } } {
    const all = Object.entries(entries).map(([id, entry]) => [id, entryOf(entry)] as const);
    const { document } = holdingsOf(
      ownerOf('x', { runId: this.runId, url: nowhere, ...owner }),
      Object.fromEntries(all),
    );
    const changes = document.changesSince([]);
    const signature = this.#identity.sign(changeText(name, hashOf(changes.at(-1)!)));
    return { sync: { changes: [[name, changes, [this.#identity.key, signature]]] } };
  }

  /** A sign of its own life, which it may give. */
  sign(counter: number): Sign {
    return [this.runId, counter, 0, -1, this.#identity.key, this.#identity.sign(aliveText(this.runId, counter))];
  }

  /** A sign of another's life under its own signature. */
  signFor(runId: RunId, counter: number): Sign {
    return [runId, ...this.sign(counter).slice(1)] as Sign;
  }
}

async function openedAt(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  socket.write(`GET /peer HTTP/1.1\r\nHost: ${hostname}\r\nConnection: upgrade\r\nUpgrade: ${streamProtocol}\r\n\r\n`);
  const [opening] = (await once(socket, 'data')) as [Buffer];
  if (!/^HTTP\/1.1 101 /.test(opening.toString())) throw new Error(`no stream: ${opening.toString()}`);
  return socket;
}

/** What the daemon makes of what was written. */
function outcomeOn(socket: Socket): Promise<Outcome> {
  const reader = new MessageReader();
  return new Promise((resolve) => {
    socket.once('close', () => resolve('closed'));
    socket.on('data', (chunk: Buffer) => {
      for (const message of reader.read(chunk)) resolve(outcomeIn(message));
    });
  });
}

const outcomeIn = ([, frame, refusal]: Message): Outcome => refusal ?? { frame: frame as Frame };
