/**
 * Messages to `/peer` of one of two real daemons, from an unknown caller: frames that daemons really send, with parts
 * of them replaced, removed or repeated, and bytes that are hardly CBOR.
 *
 * After each round: both daemons run and are linked, no refusal is an internal error, and what others registered and
 * renewed meanwhile is online at both.
 */

import { once } from 'node:events';
import http from 'node:http';
import type { Socket } from 'node:net';
import type { Frame } from '../../src/daemon/core/replication/frame.js';
import { headerBytes, encodeMessage, type Message } from '../../src/daemon/peer/message.js';
import { MessageReader } from '../../src/daemon/peer/message-reader.js';
import { peerPath, streamProtocol } from '../../src/daemon/peer/message-stream.js';
import { eventually } from '../helpers/eventually.js';
import { below, chance, mutateBytes, pick } from './choose.js';
import { framesIn, readCorpus } from './corpus.js';
import { type Dice, Finding, type Session, type Target } from './target.js';
import { Victim } from './victim.js';

/** ms for an answer, or for the end of the stream. */
const hangMs = 2000;

/** Times in a row that a message must be without either: a machine that is busy with other things takes long once. */
const hangTimes = 5;

const ids = Array.from({ length: 10 }, (_, index) => `bystander/1.0.0/10.9.9.${index + 1}/80`);

export const wireTarget: Target = { name: 'wire', roundSize: 200, open: () => WireSession.open() };

class WireSession implements Session {
  #socket: Socket | undefined;
  #number = 0;
  #longestMs = 0;
  readonly #waiting = new Map<number, (outcome: string) => void>();

  private constructor(
    private readonly frames: readonly Frame[],
    private readonly victims: readonly [Victim, Victim],
  ) {}

  static async open(): Promise<WireSession> {
    const first = await Victim.start();
    const second = await Victim.start(['--peer', first.url]);
    const session = new WireSession(framesIn(readCorpus().messages), [first, second]);
    for (const id of ids) await first.ask('POST', `/registrations/${id}`, '{"ttl":60000}');
    await eventually(async () => (await session.#online(second)) === ids.length);
    return session;
  }

  async run(dice: readonly Dice[]): Promise<string[]> {
    const outcomes: string[] = [];
    for (const [index, one] of dice.entries()) {
      const bytes = this.#make(one);
      const begun = performance.now();
      let outcome = await this.#send(bytes);
      for (let times = 1; outcome === 'silence' && times < hangTimes; times++) outcome = await this.#send(bytes);
      this.#longestMs = Math.max(this.#longestMs, performance.now() - begun);
      const input = bytes.toString('hex').slice(0, 4000);
      if (outcome === 'INTERNAL') throw new Finding('a refusal is an internal error', index, input);
      if (outcome === 'silence') throw new Finding(`no answer within ${hangMs} ms`, index, input);
      for (const { hasEnded, errors } of this.victims)
        if (hasEnded) throw new Finding(`a daemon has ended: ${errors.slice(-3).join(' ')}`, index, input);
      outcomes.push(outcome);
    }
    await this.#checkBystanders();
    return outcomes;
  }

  report(): string[] {
    return [`the longest answer took ${this.#longestMs.toFixed(0)} ms`];
  }

  async close(): Promise<void> {
    this.#socket?.destroy();
    await Promise.all(this.victims.map((victim) => victim.end()));
  }

  async #checkBystanders(): Promise<void> {
    const [first, second] = this.victims;
    const { renewed } = JSON.parse(await first.ask('POST', '/renewals', JSON.stringify({ ids }))) as {
      renewed: number;
    };
    if (renewed !== ids.length) throw new Finding(`${ids.length - renewed} registrations of others are gone`);
    for (const victim of [first, second])
      if ((await this.#online(victim)) !== ids.length)
        throw new Finding('registrations of others are not online everywhere');
    const daemons = JSON.parse(await first.ask('GET', '/daemons')) as { url: string; state: string }[];
    if (!daemons.some(({ url, state }) => url === second.url && state === 'online'))
      throw new Finding('the two daemons have lost each other');
  }

  async #online(victim: Victim): Promise<number> {
    return (JSON.parse(await victim.ask('GET', '/registrations/bystander')) as unknown[]).length;
  }

  /** What became of one message: `answered`, the code of a refusal, `closed`, or `silence`. */
  async #send(bytes: Buffer): Promise<string> {
    const socket = (this.#socket ??= await this.#connect());
    return new Promise((resolve) => {
      const finish = (outcome: string): void => {
        clearTimeout(deadline);
        socket.off('close', onClose);
        this.#waiting.clear();
        resolve(outcome);
      };
      const onClose = (): void => finish('closed');
      // A message that is not whole waits for its rest, as it may: the stream is given up.
      const isWhole = isWholeMessage(bytes);
      const giveUp = (): void => {
        socket.destroy();
        finish(isWhole ? 'silence' : 'not whole');
      };
      const deadline = setTimeout(giveUp, isWhole ? hangMs : 50);
      socket.once('close', onClose);
      this.#waiting.set(0, finish);
      socket.write(bytes);
    });
  }

  async #connect(): Promise<Socket> {
    const [first] = this.victims;
    const request = http.request(new URL(peerPath, first.url), {
      headers: { connection: 'upgrade', upgrade: streamProtocol },
    });
    request.end();
    const [, socket] = (await once(request, 'upgrade')) as [unknown, Socket];
    const reader = new MessageReader();
    socket.on('error', () => undefined);
    socket.once('close', () => {
      if (this.#socket === socket) this.#socket = undefined;
    });
    socket.on('data', (chunk: Buffer) => {
      for (const [, , refusal] of reader.read(chunk))
        for (const settle of this.#waiting.values()) settle(refusal?.code ?? 'answered');
    });
    return socket;
  }

  #make(dice: Dice): Buffer {
    const frame = structuredClone(pick(dice, this.frames)) as unknown as Tree;
    const from = frame.from as Tree;
    if (chance(dice, 0.8)) Object.assign(from, unknownSender(dice));
    for (let count = below(dice, 4); count > 0; count--) this.#mutate(dice, frame);
    const bytes = encodeMessage([++this.#number, frame] as Message);
    if (chance(dice, 0.75)) return bytes;
    const body = mutateBytes(dice, bytes.subarray(headerBytes));
    const length = Buffer.alloc(headerBytes);
    length.writeUInt32BE(chance(dice, 0.9) ? body.length : below(dice, 2 ** 32));
    return Buffer.concat([length, body]);
  }

  /** Replaces, removes or repeats one part of a frame, or puts in a part of another. */
  #mutate(dice: Dice, frame: Tree): void {
    let [at, key]: [Tree, string] = [frame, pick(dice, Object.keys(frame))];
    while (chance(dice, 0.75)) {
      const inner = at[key];
      if (typeof inner !== 'object' || inner === null || inner instanceof Uint8Array) break;
      const keys = Object.keys(inner);
      if (keys.length === 0) break;
      [at, key] = [inner as Tree, pick(dice, keys)];
    }
    const choice = below(dice, 5);
    const value = at[key];
    if (choice === 0) at[key] = structuredClone(pick(dice, odd));
    else if (choice === 1 && Array.isArray(at)) at.push(...Array<unknown>(1 + below(dice, 50)).fill(value));
    else if (choice === 2 && typeof value === 'number') at[key] = value + pick(dice, [1, -1, 2 ** 31, 2 ** 53]);
    else if (choice === 3 && value instanceof Uint8Array) at[key] = mutateBytes(dice, Buffer.from(value));
    else if (choice === 4) {
      const other = pick(dice, this.frames) as unknown as Tree;
      at[key] = structuredClone(other[pick(dice, Object.keys(other))]);
    } else delete at[key];
  }
}

type Tree = Record<string, unknown>;

const odd: unknown[] = [
  ...[null, undefined, true, 0, -1, 0.5, 2 ** 40, 2 ** 53, -(2 ** 53), Infinity, NaN],
  ...['', 'x', '__proto__', 'a'.repeat(600), '\u001b[2J', '\ud800', 'http://127.0.0.1:1', 'catalog'],
  ...['holdings/zzzzzzzz/1', 'holdings/zzzzzzzz/999999999', [], {}, [[]], [[[[[]]]]], new Uint8Array(3)],
];

/** What an unknown caller says about itself. */
const unknownSender = (dice: Dice): object => ({
  name: `stranger${below(dice, 50)}`,
  runId: `stranger-${below(dice, 50)}-xxxxxxxx`,
  url: `http://127.9.9.${1 + below(dice, 50)}:9`,
});

const isWholeMessage = (bytes: Buffer): boolean =>
  bytes.length >= headerBytes && bytes.length >= headerBytes + bytes.readUInt32BE();
