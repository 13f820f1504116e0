/**
 * TLS handshakes: recorded ones, mutated, cut short, mixed up, or followed by what is none, each on a connection of its
 * own.
 *
 * After each: the daemon lives. After each round: an honest client is answered within a second, no connection of the
 * round is still counted, and what other clients registered is online.
 */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import net, { type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import tls from 'node:tls';
import { type Issued, issue, makeAuthority } from '../../src/cli/ca/certificates.js';
import { eventually } from '../helpers/eventually.js';
import { below, chance, mutateBytes, pick } from './choose.js';
import { type Dice, Finding, type Session, type Target } from './target.js';
import { Victim } from './victim.js';

/** Handshakes under way at a time. */
const concurrency = 16;

/** ms for which a connection is left open that waits for more. */
const patienceMs = 50;

/** ms in which an honest client is answered, on a machine that may be busy with other things. */
const honestMs = 5000;

const bystander = 'bystander/1.0.0/10.9.9.1/80';

export const tlsTarget: Target = { name: 'tls', roundSize: 200, open: () => TlsSession.open() };

class TlsSession implements Session {
  readonly #port: number;
  readonly #agent: https.Agent;
  /** What clients have sent in whole handshakes, up to a request. */
  #recorded: Buffer[] = [];
  #firstRss = 0;
  #lastRss = 0;

  private constructor(
    private readonly daemon: Victim,
    private readonly folder: string,
    ca: string,
    client: Issued,
  ) {
    this.#port = Number(new URL(daemon.url).port);
    const shown = { ca, cert: client.certificate, key: client.key };
    this.#agent = new https.Agent({ keepAlive: true, maxSockets: 1, ...shown });
  }

  static async open(): Promise<TlsSession> {
    const folder = mkdtempSync(join(tmpdir(), 'bender-fuzz-tls-'));
    const authority = await makeAuthority(2);
    const own = await issue(authority, { name: 'one', hosts: ['127.0.0.1'], days: 1 });
    const client = await issue(authority, { name: 'ci', hosts: undefined, days: 1 });
    const files = { cert: own.certificate, key: own.key, ca: authority.certificate };
    const flags = Object.entries(files).flatMap(([part, pem]) => {
      const path = join(folder, `${part}.pem`);
      writeFileSync(path, pem, { mode: 0o600 });
      return [`--tls-${part}`, path];
    });
    const session = new TlsSession(await Victim.start(flags), folder, authority.certificate, client);
    const shown = { cert: client.certificate, key: client.key };
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const)
      for (const more of [{}, shown, { ALPNProtocols: ['h2', 'http/1.1'], servername: 'bender.example' }])
        session.#recorded.push(await session.#record({ minVersion: version, maxVersion: version, ...more }));
    await session.#ask('POST', `/registrations/${bystander}`, '{"ttl":3600000}');
    session.#firstRss = await session.#rss();
    return session;
  }

  async run(dice: readonly Dice[]): Promise<string[]> {
    const outcomes: string[] = [];
    let next = 0;
    const worker = async (): Promise<void> => {
      for (let index = next++; index < dice.length; index = next++) {
        const pieces = this.#make(dice[index]!);
        outcomes[index] = await this.#send(pieces);
        if (this.daemon.hasEnded)
          throw new Finding(
            `the daemon has ended: ${this.daemon.errors.slice(-3).join(' ')}`,
            index,
            Buffer.concat(pieces).toString('hex'),
          );
      }
    };
    await Promise.all(Array.from({ length: concurrency }, worker));
    await this.#checkRound();
    return outcomes;
  }

  report(): string[] {
    return [`rss ${this.#firstRss} MB at first, ${this.#lastRss} MB at the end`];
  }

  async close(): Promise<void> {
    if (!this.daemon.hasEnded) this.#lastRss = await this.#rss().catch(() => 0);
    this.#agent.destroy();
    await this.daemon.end();
    rmSync(this.folder, { recursive: true });
  }

  /** A handshake in the pieces in which it is sent. */
  #make(dice: Dice): Buffer[] {
    let bytes = pick(dice, this.#recorded);
    if (chance(dice, 0.7)) bytes = mutateBytes(dice, bytes, this.#recorded);
    if (chance(dice, 0.5)) bytes = bytes.subarray(0, below(dice, bytes.length + 1));
    if (chance(dice, 0.1)) bytes = Buffer.concat([bytes, Buffer.from('GET /livez HTTP/1.1\r\nHost: a\r\n\r\n')]);
    const pieces: Buffer[] = [];
    for (let left = bytes; left.length > 0;) {
      const length = chance(dice, 0.5) ? left.length : 1 + below(dice, left.length);
      pieces.push(left.subarray(0, length));
      left = left.subarray(length);
    }
    return pieces;
  }

  /** Sends it, and cuts it off when it waits for more. Returns what came back. */
  #send(pieces: readonly Buffer[]): Promise<string> {
    return new Promise((resolve) => {
      const socket = net.connect(this.#port, '127.0.0.1');
      let first: number | undefined;
      const finish = (otherwise: string): void => {
        clearTimeout(deadline);
        socket.destroy();
        resolve(first === undefined ? otherwise : (kinds[first] ?? `byte ${first}`));
      };
      const deadline = setTimeout(() => finish('waits'), patienceMs);
      socket.setNoDelay(true);
      socket.on('data', (data: Buffer) => (first ??= data[0]));
      socket.on('error', () => finish('closed'));
      socket.on('close', () => finish('closed'));
      socket.on('connect', () => {
        for (const piece of pieces) socket.write(piece);
      });
    });
  }

  async #checkRound(): Promise<void> {
    const load = async (): Promise<number> => {
      const { load } = JSON.parse(await this.#ask('GET', '/status')) as { load: { connections: number } };
      return load.connections;
    };
    try {
      // The one that asks is the last one.
      await eventually(async () => (await load()) === 1, { withinMs: honestMs });
    } catch (error) {
      throw new Finding(`connections of the round are still counted, or nobody is answered: ${String(error)}`);
    }
    const found = await this.#ask('GET', `/registrations/${bystander}`);
    if (!found.includes(bystander)) throw new Finding(`a registration of another client is gone: ${found}`);
  }

  async #rss(): Promise<number> {
    const { memory } = JSON.parse(await this.#ask('GET', '/status')) as { memory: { rss: number } };
    return Math.round(memory.rss / 1e6);
  }

  /** As an honest client does. */
  async #ask(method: string, path: string, body?: string): Promise<string> {
    const headers = body === undefined ? {} : { 'content-type': 'application/json' };
    const to = { host: '127.0.0.1', port: this.#port, method, path, headers, timeout: honestMs };
    const request = https.request({ ...to, agent: this.#agent }).end(body);
    request.on('timeout', () => request.destroy(new Error(`no answer within ${honestMs} ms`)));
    const [response] = (await once(request, 'response')) as [NodeJS.ReadableStream];
    return text(response);
  }

  /** What a client sends until it has been answered. */
  async #record(options: tls.ConnectionOptions): Promise<Buffer> {
    const sent: Buffer[] = [];
    const relay = net
      .createServer((near) => {
        const far = net.connect(this.#port, '127.0.0.1');
        near.on('data', (data: Buffer) => void (sent.push(data), far.write(data)));
        far.on('data', (data: Buffer) => near.write(data));
        for (const socket of [near, far])
          socket.on('error', () => undefined).on('close', () => (near.destroy(), far.destroy()));
      })
      .listen(0, '127.0.0.1');
    await once(relay, 'listening');
    const { port } = relay.address() as AddressInfo;
    const socket = tls.connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ...options });
    socket.write('GET /livez HTTP/1.1\r\nHost: a\r\n\r\n');
    await once(socket, 'data');
    socket.destroy();
    relay.close();
    return Buffer.concat(sent);
  }
}

/** By the first byte of the first record that comes back (RFC 8446, 5.1). */
const kinds: Readonly<Record<number, string>> = { 0x15: 'alert', 0x16: 'handshake', 0x17: 'answer' };
