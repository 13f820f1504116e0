/**
 * Messages at the DNS port: queries of all kinds, mutated ones, and junk, by UDP and in streams of TCP. Whatever comes,
 * an answer parses, fits, repeats the question, and is there at once.
 */

import packet, { type DecodedPacket, type Packet, type RecordType } from 'dns-packet';
import { connect } from 'node:net';
import { Responder } from '../../src/daemon/surfaces/dns/responder.js';
import { type DnsServer, serveDns } from '../../src/daemon/surfaces/dns/server.js';
import { ApiServer } from '../helpers/api-server.js';
import { askUdp, encodeQuery } from '../helpers/dns-client.js';
import { eventually } from '../helpers/eventually.js';
import { type Line, logOf } from '../helpers/log.js';
import { below, chance, mutateBytes, pick } from './choose.js';
import { type Dice, Finding, type Session, type Target } from './target.js';

/** ms of processor time that an answer may take, also if the registry has changed. */
const limitMs = 50;

/** ms of processor time of this process so far. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

const headerBytes = 12;

export const dnsTarget: Target = {
  name: 'dns',
  roundSize: 500,
  open: () => DnsSession.open(),
};

const parts = [
  'web',
  'app',
  'service',
  'backend',
  'frontend',
  'inst',
  '_web',
  '_tcp',
  '_udp',
  'www',
  '1-0-0',
  'bender',
];
const odd = [
  '',
  'x--77',
  'x--4f',
  'i0a0000010050',
  'i0a000001',
  '\u00ff',
  'a'.repeat(63),
  'WEB',
  '*',
  '-',
  '_',
  'i'.padEnd(37, '0'),
];
const types = [
  'A',
  'AAAA',
  'SRV',
  'TXT',
  'SOA',
  'NS',
  'MX',
  'AXFR',
  'UNKNOWN_255',
  'UNKNOWN_65',
  'OPT',
] as RecordType[];

class DnsSession implements Session {
  #longestMs = 0;
  readonly #logged: Line[] = [];
  readonly #responder: Responder;

  private constructor(
    private readonly api: ApiServer,
    private readonly dns: DnsServer,
  ) {
    const log = logOf((line) => this.#logged.push(line));
    this.#responder = new Responder(api.daemon, 'bender', api.surfaceCounts, log);
  }

  static async open(): Promise<DnsSession> {
    const api = await ApiServer.start();
    const log = logOf((line) => api.logged.push(line));
    const dns = await serveDns(
      api.daemon,
      { host: '127.0.0.1', port: 0, domain: 'bender' },
      { counts: api.surfaceCounts, log },
    );
    const { backends, frontends } = api.daemon.catalog;
    backends.create({ name: 'web', app: 'web', split: { '1.0.0': 90, '2.0.0': 10 } }, 'fuzz');
    frontends.create({ name: 'www', backend: 'web' }, 'fuzz');
    const session = new DnsSession(api, dns);
    for (let index = 0; index < 1000; index++) session.#register(index);
    for (let index = 0; index < 9; index++)
      api.daemon.register({ app: 'few', version: '1.0.0', host: `10.0.0.${index}`, port: 80 }, { ttl: 600_000 });
    return session;
  }

  async run(dice: readonly Dice[]): Promise<string[]> {
    const inputs = dice.map((one) => ({ message: make(one), transport: pick(one, ['udp', 'tcp'] as const), one }));
    const outcomes = inputs.map(({ message, transport, one }, index) => {
      if (chance(one, 0.01)) this.#register(below(one, 2000));
      return this.#try(message, transport, index);
    });
    await this.#stream(Buffer.concat(inputs.map(({ message, one }) => framed(one, message))));
    return outcomes;
  }

  report(): string[] {
    return [`the longest took ${this.#longestMs.toFixed(1)} ms of processor time`];
  }

  async close(): Promise<void> {
    await this.dns.close();
    await this.api.stop();
  }

  #register(index: number): void {
    const host = pick(() => (index % 10) / 10, ['10.0.0', '10.0.1', 'fd00::', 'web.example.com']);
    const whole = host === 'fd00::' ? `fd00::${index}` : host.startsWith('10') ? `${host}.${index % 250}` : host;
    this.api.daemon.register(
      { app: 'web', version: `${1 + (index % 2)}.0.0`, host: whole, port: 1000 + index },
      { ttl: 600_000 },
    );
  }

  #try(message: Buffer, transport: 'udp' | 'tcp', index: number): string {
    const finding = (what: string): Finding => new Finding(what, index, `${transport} ${message.toString('hex')}`);
    let answer: Buffer | undefined;
    let tookMs = Infinity;
    // The garbage collector takes long once, an input that costs much takes long each time.
    for (let turn = 0; turn < 5 && tookMs > limitMs; turn++) {
      const begun = cpuMs();
      try {
        answer = this.#responder.respond(message, transport);
      } catch (error) {
        throw finding(`it threw ${String(error)}`);
      }
      tookMs = Math.min(tookMs, cpuMs() - begun);
    }
    this.#longestMs = Math.max(this.#longestMs, tookMs);
    if (tookMs > limitMs) throw finding(`it took ${tookMs.toFixed(0)} ms`);
    if (this.#logged.length > 0) throw finding(`it logged ${JSON.stringify(this.#logged[0])}`);
    if (!answer) return 'no answer';
    try {
      return check(message, answer, transport);
    } catch (error) {
      throw finding(`the answer: ${String(error)}: ${answer.toString('hex')}`);
    }
  }

  /** The server takes a stream of TCP until it closes it, and answers others then. */
  async #stream(bytes: Buffer): Promise<void> {
    const { port } = this.dns.status;
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.resume();
    socket.end(bytes);
    await eventually(() => socket.closed, { withinMs: 20_000 });
    const answer = await askUdp(port, encodeQuery({ name: 'bender', type: 'SOA' }));
    if ((answer.readUInt16BE(2) & 0xf) !== 0) throw new Finding('it does not answer after a stream of TCP');
  }
}

/** Returns the code of an answer; throws if it is not one to the message. */
function check(message: Buffer, answer: Buffer, transport: 'udp' | 'tcp'): string {
  const decoded = packet.decode(answer) as DecodedPacket & { rcode: string };
  if (packet.decode.bytes !== answer.length) throw new Error('there are bytes behind it');
  if (!decoded.flag_qr || decoded.flag_ra || decoded.id !== message.readUInt16BE(0)) throw new Error('its header');
  if (answer.length > (transport === 'udp' ? 8192 : 65_535)) throw new Error(`${answer.length} bytes`);
  const isEdns = (decoded.additionals ?? []).some(({ type }) => type === 'OPT');
  if (transport === 'udp' && !isEdns && answer.length > 512) throw new Error(`${answer.length} bytes without EDNS`);
  if (decoded.questions?.length === 1) {
    // Pointers are refused, so that the question is of the same length in both.
    const end = answer.indexOf(0, headerBytes) + 5;
    if (!answer.subarray(headerBytes, end).equals(message.subarray(headerBytes, end))) throw new Error('its question');
  }
  return decoded.rcode;
}

function make(dice: Dice): Buffer {
  if (chance(dice, 0.1)) return Buffer.from(Array.from({ length: below(dice, 80) }, () => below(dice, 256)));
  const whole = query(dice);
  if (chance(dice, 0.4)) return whole;
  if (chance(dice, 0.3)) {
    // A count that promises more than there is.
    const lying = Buffer.from(whole);
    lying.writeUInt16BE(pick(dice, [0, 1, 2, 255, 65_535]), pick(dice, [4, 6, 8, 10]));
    return lying;
  }
  return mutateBytes(dice, whole, [whole]);
}

/** They exist. */
const names = [
  'web.app',
  '1-0-0.web.service',
  '_www._tcp.frontend',
  '_few._tcp.app',
  '_http._tcp.web.backend',
  'inst',
  'i0a00000003e8.web.inst',
];

function query(dice: Dice): Buffer {
  const labels = chance(dice, 0.4)
    ? pick(dice, names).split('.')
    : Array.from({ length: 1 + below(dice, 6) }, () => pick(dice, chance(dice, 0.8) ? parts : odd));
  if (chance(dice, 0.8)) labels.push('bender');
  const options = Array.from({ length: below(dice, 3) }, () => ({
    code: below(dice, 20) as 10,
    data: Buffer.alloc(below(dice, 40), below(dice, 256)),
  }));
  const opt = {
    ...{ type: 'OPT', name: '.', udpPayloadSize: below(dice, 65_536), flags: chance(dice, 0.5) ? 0x8000 : 0 },
    ...{ ednsVersion: chance(dice, 0.1) ? below(dice, 256) : 0, options },
  };
  return packet.encode({
    type: 'query',
    id: below(dice, 65_536),
    flags: chance(dice, 0.9) ? 0x0100 : below(dice, 0x8000),
    questions: [{ name: labels.filter((label) => label !== '').join('.') || '.', type: pick(dice, types) }],
    additionals: chance(dice, 0.5) ? [opt] : [],
  } as unknown as Packet);
}

/** With its length before it, which is a lie now and then. */
function framed(dice: Dice, message: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(chance(dice, 0.002) ? below(dice, 65_536) : message.length);
  return Buffer.concat([length, message]);
}
