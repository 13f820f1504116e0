/** What is answered to each question, byte limits included. No sockets. */

import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import type { RecordType, SoaAnswer } from 'dns-packet';
import { Responder } from '../../../../../src/daemon/surfaces/dns/responder.js';
import { formatId } from '../../../../../src/model/registration.js';
import { ApiServer } from '../../../../helpers/api-server.js';
import {
  addressesIn,
  decodeAnswer,
  type DnsAnswer,
  encodeQuery,
  type Service,
  servicesIn,
} from '../../../../helpers/dns-client.js';
import { logOf } from '../../../../helpers/log.js';

let server: ApiServer;
let responder: Responder;

beforeAll(async () => {
  server = await ApiServer.start();
  const log = logOf((line) => server.logged.push(line));
  responder = new Responder(server.daemon, 'bender', server.surfaceCounts, log);
});
afterAll(() => server.stop());
afterEach(async () => {
  server.set({ synced: true, ready: true, stale: false });
  for (const { id } of server.daemon.registrations({}))
    if (!id.startsWith('bender/')) await server.daemon.deregister(id);
  const { backends, frontends } = server.daemon.catalog;
  for (const { name } of backends.list()) backends.delete(name, 'test', { atLeast: 0 });
  for (const { name } of frontends.list()) frontends.delete(name, 'test');
});

function online(app: string, version: string, host: string, port = 80): void {
  server.daemon.register({ app, version, host, port }, { ttl: 600_000 });
}

interface Options {
  udpSize?: number;
  transport?: 'udp' | 'tcp';
}

function ask(name: string, type: RecordType, { transport = 'udp', ...options }: Options = {}): DnsAnswer {
  return decodeAnswer(responder.respond(encodeQuery({ name, type, ...options }), transport)!);
}

/** Bytes of a header, and what follows. */
const raw = (header: number[], rest: Buffer = Buffer.alloc(0)): Buffer =>
  Buffer.concat([Buffer.from(header.flatMap((word) => [word >> 8, word & 255])), rest]);

const question = (name: string, type = 1, asked = 1): Buffer =>
  Buffer.concat([
    ...name.split('.').map((label) => Buffer.from([label.length, ...Buffer.from(label, 'latin1')])),
    Buffer.from([0, 0, type, 0, asked]),
  ]);

const rcodeOf = (message: Buffer): number => responder.respond(message, 'udp')!.readUInt16BE(2) & 0xf;

it.each([
  ['web.app.bender', ['10.0.0.1', '10.0.0.2']],
  ['web.service.bender', ['10.0.0.1', '10.0.0.2']],
  ['1-0-0.web.app.bender', ['10.0.0.1']],
  ['2-0-0-rc-1.web.service.bender', ['10.0.0.2']],
  ['web.backend.bender', ['10.0.0.1']],
  ['www.frontend.bender', ['10.0.0.1']],
])('answers the addresses of %s', (name, expected) => {
  online('web', '1.0.0', '10.0.0.1', 8080);
  online('web', '1.0.0', '10.0.0.1', 8081);
  online('web', '2.0.0-RC.1', '10.0.0.2');
  server.daemon.catalog.backends.create({ name: 'web', app: 'web', version: '1.0.0' }, 'test');
  server.daemon.catalog.frontends.create({ name: 'www', backend: 'web' }, 'test');
  expect(addressesIn(ask(name, 'A'))).toEqual(expected);
  expect(ask(name, 'A').answers![0]).toMatchObject({ name, ttl: 1, class: 'IN' });
});

it.each(['web.app', '_web._tcp.app', '_web._tcp.service', '_http._tcp.web.service', '_http._tcp.1-0-0.web.app'])(
  'answers the services of %s.bender, with their addresses',
  (name) => {
    online('web', '1.0.0', '10.0.0.1', 8080);
    online('web', '1.0.0', 'fd00::1', 8081);
    const weight = name.startsWith('_') ? 256 : 1;
    expect(servicesIn(ask(`${name}.bender`, 'SRV'))).toEqual([
      { target: 'i0a0000011f90.web.inst.bender', port: 8080, weight, address: '10.0.0.1' },
      { target: 'ifd0000000000000000000000000000011f91.web.inst.bender', port: 8081, weight, address: 'fd00::1' },
    ]);
  },
);

it('has the weights of a split in multiples of 256 for services, in lowest terms otherwise', () => {
  online('web', '1.0.0', '10.0.0.1');
  online('web', '2.0.0', '10.0.0.2');
  const { backends, frontends } = server.daemon.catalog;
  backends.create({ name: 'web', app: 'web', split: { '1.0.0': 1000, '2.0.0': 1 } }, 'test');
  frontends.create({ name: 'www', backend: 'web' }, 'test');
  const weights = (services: Service[]): number[] => services.map(({ weight }) => weight);
  expect(weights(servicesIn(ask('_www._tcp.frontend.bender', 'SRV')))).toEqual([65_535, 256]);
  expect(weights(servicesIn(ask('www.frontend.bender', 'SRV')))).toEqual([256, 1]);
  expect(weights(servicesIn(ask('web.backend.bender', 'SRV')))).toEqual([256, 1]);
});

it('resolves targets, while the instance is online', async () => {
  online('web', '1.0.0', '10.0.0.1', 8080);
  online('web', '1.0.0', 'fd00::1', 80);
  expect(addressesIn(ask('i0a0000011f90.web.inst.bender', 'A'))).toEqual(['10.0.0.1']);
  expect(ask('i0a0000011f90.web.inst.bender', 'AAAA')).toMatchObject({ rcode: 'NOERROR', answers: [] });
  expect(addressesIn(ask(`i${'fd'.padEnd(31, '0')}10050.web.inst.bender`, 'AAAA'))).toEqual(['fd00::1']);
  expect(ask('i0a0000011f91.web.inst.bender', 'A').rcode).toBe('NXDOMAIN');
  await server.daemon.deregister(formatId({ app: 'web', version: '1.0.0', host: '10.0.0.1', port: 8080 }));
  expect(ask('i0a0000011f90.web.inst.bender', 'A').rcode).toBe('NXDOMAIN');
});

it('has what drains with weight 0 in SRV, and not among the addresses', async () => {
  online('web', '1.0.0', '10.0.0.1');
  await server.daemon.setState(formatId({ app: 'web', version: '1.0.0', host: '10.0.0.1', port: 80 }), {
    draining: true,
  });
  expect(servicesIn(ask('_web._tcp.app.bender', 'SRV'))).toMatchObject([{ weight: 0, address: '10.0.0.1' }]);
  expect(ask('web.app.bender', 'A')).toMatchObject({ rcode: 'NOERROR', answers: [] });
});

it('has host names as targets, leaves them out of addresses, and counts that once per state', () => {
  online('web', '1.0.0', 'web.example.com', 8080);
  const before = server.surfaceCounts.entriesLeftOut.get('dns') ?? 0;
  expect(servicesIn(ask('_web._tcp.app.bender', 'SRV'))).toEqual([
    { target: 'web.example.com', port: 8080, weight: 256 },
  ]);
  expect(server.surfaceCounts.entriesLeftOut.get('dns') ?? 0).toBe(before);
  expect(ask('web.app.bender', 'A')).toMatchObject({ rcode: 'NOERROR', answers: [] });
  ask('web.app.bender', 'A');
  expect(server.surfaceCounts.entriesLeftOut.get('dns')).toBe(before + 1);
});

it('answers NXDOMAIN for what is not, and NODATA for what has no record of the type, with the SOA', () => {
  online('web', '1.0.0', '10.0.0.1');
  server.daemon.catalog.backends.create({ name: 'idle', app: 'nothing', version: '1.0.0' }, 'test');
  server.daemon.catalog.frontends.create({ name: 'bare' }, 'test');
  const absent = ['none.app', '9-9-9.web.app', 'idle.backend', 'none.backend', 'bare.frontend', 'none.frontend'];
  const odd = [
    'x',
    'x.y.z.app',
    '_x._udp.app',
    'a.b.backend',
    '_a._b._c.web.app',
    'none.inst',
    'x.web.inst',
    '_none._tcp.app',
  ];
  for (const name of [...absent, ...odd]) expect([name, ask(`${name}.bender`, 'A').rcode]).toEqual([name, 'NXDOMAIN']);
  const branches = [
    '',
    'app.',
    'service.',
    'backend.',
    'frontend.',
    'inst.',
    '_tcp.app.',
    '_tcp.web.app.',
    'web.inst.',
  ];
  for (const name of [...branches, 'web.app.', '_web._tcp.app.']) {
    const answer = ask(`${name}bender`, 'AAAA');
    expect([name, answer.rcode, answer.answers]).toEqual([name, 'NOERROR', []]);
    expect(answer.authorities).toMatchObject([{ type: 'SOA', name: 'bender', ttl: 1, data: { minimum: 1 } }]);
  }
  expect(ask('none.app.bender', 'A').authorities).toMatchObject([{ type: 'SOA', name: 'bender' }]);
  for (const type of ['TXT', 'MX', 'NS', 'CNAME', 'UNKNOWN_65'] as RecordType[])
    expect(ask('web.app.bender', type)).toMatchObject({ rcode: 'NOERROR', answers: [] });
  expect(ask('_grpc_config.web.service.bender', 'TXT')).toMatchObject({ rcode: 'NOERROR', answers: [] });
  expect((ask('bender', 'SOA').answers![0] as SoaAnswer).data.mname).toBe('bender');
});

it('knows names that are no labels by their bytes, and no others', () => {
  online('Orders.v2', '1.0.0', '10.0.0.1', 80);
  const label = `x--${Buffer.from('Orders.v2').toString('hex')}`;
  expect(addressesIn(ask(`${label}.app.bender`, 'A'))).toEqual(['10.0.0.1']);
  const [service] = servicesIn(ask(`${label}.app.bender`, 'SRV'));
  expect(service).toMatchObject({ target: `i0a0000010050.${label}.inst.bender`, address: '10.0.0.1' });
  expect(addressesIn(ask(service!.target, 'A'))).toEqual(['10.0.0.1']);
  // The hexadecimal form of a name that is a label.
  online('web', '1.0.0', '10.0.0.1');
  expect(ask(`x--${Buffer.from('web').toString('hex')}.app.bender`, 'A').rcode).toBe('NXDOMAIN');
});

it('leaves out instances of an app whose name has no room, and counts them', () => {
  online('a'.repeat(128), '1.0.0', '10.0.0.1');
  server.daemon.catalog.backends.create({ name: 'long', app: 'a'.repeat(128), version: '1.0.0' }, 'test');
  const before = server.surfaceCounts.entriesLeftOut.get('dns') ?? 0;
  expect(ask('_long._tcp.backend.bender', 'SRV')).toMatchObject({ rcode: 'NOERROR', answers: [] });
  expect(server.surfaceCounts.entriesLeftOut.get('dns')).toBe(before + 1);
  expect(addressesIn(ask('long.backend.bender', 'A'))).toEqual(['10.0.0.1']);
});

it('answers SERVFAIL while unsure, without authority', () => {
  online('web', '1.0.0', '10.0.0.1');
  server.set({ stale: true });
  for (const name of ['web.app.bender', 'none.app.bender', 'bender'])
    expect(ask(name, 'A')).toMatchObject({ rcode: 'SERVFAIL', flag_aa: false, answers: [], authorities: [] });
  expect(ask('example.com', 'A').rcode).toBe('REFUSED');
});

it('copies RD, sets AA, offers no recursion, and repeats the question in the letters of the client', () => {
  online('web', '1.0.0', '10.0.0.1');
  const answer = ask('wEb.App.BENDER', 'A');
  expect(answer).toMatchObject({ id: 7, flag_qr: true, flag_aa: true, flag_rd: true, flag_ra: false, flag_tc: false });
  expect(answer.questions).toEqual([{ name: 'wEb.App.BENDER', type: 'A', class: 'IN' }]);
  expect(answer.answers![0]!.name).toBe('wEb.App.BENDER');
  expect(ask('NONE.app.BENDER', 'A').authorities![0]!.name).toBe('BENDER');
});

it('refuses what it is not for', () => {
  expect(ask('example.com', 'A')).toMatchObject({ rcode: 'REFUSED', flag_aa: false });
  expect(ask('xbender', 'A').rcode).toBe('REFUSED');
  expect(ask('bender', 'AXFR', { transport: 'tcp' }).rcode).toBe('REFUSED');
  expect(rcodeOf(raw([1, 0, 1, 0, 0, 0], question('version.bind', 16, 3)))).toBe(5);
  expect(rcodeOf(raw([1, 0, 1, 0, 0, 0], question('web.app.bender', 1, 3)))).toBe(5);
});

it('takes names of 255 bytes, and no longer ones', () => {
  const ofBytes = (last: number): Buffer =>
    raw(
      [1, 0, 1, 0, 0, 0],
      question(['a', 'b', 'c'].map((letter) => letter.repeat(63)).join('.') + `.${'d'.repeat(last)}`, 1),
    );
  expect(rcodeOf(ofBytes(61))).toBe(5);
  expect(rcodeOf(ofBytes(62))).toBe(1);
});

it('answers FORMERR to junk and NOTIMP to other opcodes, and nothing to answers', () => {
  const good = question('web.app.bender');
  const opt = Buffer.from([0, 0, 41, 16, 0, 0, 0, 0, 0, 0, 0]);
  expect(rcodeOf(raw([1, 0, 0, 0, 0, 0]))).toBe(1);
  expect(rcodeOf(raw([1, 0, 2, 0, 0, 0], Buffer.concat([good, good])))).toBe(1);
  expect(rcodeOf(raw([1, 0, 1, 0, 0, 0], good.subarray(0, 9)))).toBe(1);
  expect(rcodeOf(raw([1, 0, 1, 0, 0, 0], Buffer.from([0xc0, 12, 0, 1, 0, 1])))).toBe(1);
  expect(rcodeOf(raw([1, 0, 1, 0, 0, 0], Buffer.concat([good, Buffer.from('behind')])))).toBe(1);
  expect(rcodeOf(raw([1, 0, 1, 0, 0, 2], Buffer.concat([good, opt, opt])))).toBe(1);
  expect(rcodeOf(raw([1, 0, 1, 0, 0, 0xffff], good))).toBe(1);
  expect(rcodeOf(raw([1, 0, 1, 0, 0, 0], question(Array(5).fill('x'.repeat(60)).join('.'))))).toBe(1);
  expect(rcodeOf(raw([1, 0x2000, 1, 0, 0, 0], good))).toBe(4);
  expect(responder.respond(raw([1, 0x2000, 1, 0, 0, 0], good), 'udp')!.readUInt16BE(2)).toBe(0xa004);
  expect(responder.respond(raw([1, 0x8000, 1, 0, 0, 0], good), 'udp')).toBeUndefined();
  expect(responder.respond(Buffer.from('short'), 'udp')).toBeUndefined();
  expect(rcodeOf(raw([1, 0, 1, 0, 0, 0], question('web\0.\xff.bender')))).toBe(3);
});

it('answers BADVERS to later versions of EDNS, ignores options, and repeats DO', () => {
  const opt = (version: number): Buffer =>
    Buffer.from([0, 0, 41, 16, 0, 0, version, 0x80, 0, 0, 8, 0xff, 0x01, 0, 4, 1, 2, 3, 4]);
  const asked = (version: number): DnsAnswer =>
    decodeAnswer(
      responder.respond(raw([1, 0, 1, 0, 0, 1], Buffer.concat([question('app.bender'), opt(version)])), 'udp')!,
    );
  expect(asked(0).additionals).toMatchObject([{ type: 'OPT', extendedRcode: 0, flag_do: true }]);
  expect(asked(1)).toMatchObject({ answers: [], additionals: [{ type: 'OPT', extendedRcode: 1, ednsVersion: 0 }] });
  expect(ask('app.bender', 'A').additionals).toEqual([]);
});

it('answers ANY with one set', () => {
  online('web', '1.0.0', '10.0.0.1');
  const message = raw([1, 0, 1, 0, 0, 0], question('web.app.bender', 255));
  expect(decodeAnswer(responder.respond(message, 'tcp')!).answers).toMatchObject([{ type: 'SRV' }]);
});

it('leaves out additional records before answers, and says that it is truncated only in the latter case', () => {
  for (let index = 1; index <= 9; index++) online('web', '1.0.0', `10.0.0.${index}`);
  const some = ask('_web._tcp.app.bender', 'SRV');
  expect(some.bytes.length).toBeLessThanOrEqual(512);
  expect(some.flag_tc).toBe(false);
  expect(servicesIn(some)).toHaveLength(9);
  expect(servicesIn(some).filter(({ address }) => address !== undefined).length).toBeGreaterThan(0);
  expect(servicesIn(some).filter(({ address }) => address === undefined).length).toBeGreaterThan(0);
  for (let index = 10; index <= 30; index++) online('web', '1.0.0', `10.0.0.${index}`);
  const truncated = ask('_web._tcp.app.bender', 'SRV');
  expect(truncated.flag_tc).toBe(true);
  expect(truncated.additionals).toEqual([]);
  expect(servicesIn(ask('_web._tcp.app.bender', 'SRV', { udpSize: 8192 })).map(({ address }) => address)).not.toContain(
    undefined,
  );
});

it('has room for 30 addresses in 512 bytes', () => {
  for (let index = 1; index <= 30; index++) online('web', '1.0.0', `10.0.0.${index}`);
  expect(ask('web.app.bender', 'A')).toMatchObject({ flag_tc: false, answers: { length: 30 } });
});

it('takes turns with answers that have no room, until all were sent', () => {
  for (let index = 1; index <= 100; index++) online('web', '1.0.0', `10.0.0.${index}`);
  const seen = new Set<string>();
  for (let turn = 0; turn < 5; turn++) for (const address of addressesIn(ask('web.app.bender', 'A'))) seen.add(address);
  expect(seen.size).toBe(100);
});

it('sends no more than 8 KB by UDP, and no more than 64 KB by TCP, always the same', () => {
  for (let index = 0; index < 4500; index++) online('web', '1.0.0', `10.${index >> 8}.${index & 255}.1`);
  const udp = ask('web.app.bender', 'A', { udpSize: 65_535 });
  expect(udp).toMatchObject({ flag_tc: true });
  expect(udp.bytes.length).toBeGreaterThan(8000);
  expect(udp.bytes.length).toBeLessThanOrEqual(8192);
  const tcp = ask('_web._tcp.app.bender', 'SRV', { transport: 'tcp' });
  expect(tcp.bytes.length).toBeGreaterThan(65_000);
  expect(ask('_web._tcp.app.bender', 'SRV', { transport: 'tcp' }).bytes).toEqual(tcp.bytes);
});

it('points to targets in a long message only as far as pointers reach', () => {
  for (let index = 0; index < 800; index++) online('web', '1.0.0', `10.0.${index >> 8}.${index & 255}`);
  const answer = ask('_web._tcp.app.bender', 'SRV', { transport: 'tcp' });
  const services = servicesIn(answer);
  expect(services).toHaveLength(800);
  const known = services.filter(({ address }) => address !== undefined);
  expect(known.length).toBeGreaterThan(250);
  expect(answer.additionals).toHaveLength(known.length);
  for (const { target, address } of known)
    expect(target).toBe(`i${Buffer.from(address!.split('.').map(Number)).toString('hex')}0050.web.inst.bender`);
});

it('counts answers by their code', () => {
  const count = (rcode: number): number => server.surfaceCounts.answers.get('dns')?.get(rcode) ?? 0;
  const before = [0, 3, 5].map(count);
  ask('app.bender', 'A');
  ask('none.app.bender', 'A');
  ask('example.com', 'A');
  expect([0, 3, 5].map(count)).toEqual(before.map((one) => one + 1));
});

it.each([1450, 4500])('shows what serves ahead of what drains, %d of which have no room', async (drained) => {
  for (let index = 0; index < drained; index++) {
    const host = `10.1.${index >> 8}.${index & 255}`;
    online('web', '1.0.0', host);
    await server.daemon.setState(formatId({ app: 'web', version: '1.0.0', host, port: 80 }), { draining: true });
  }
  for (let index = 0; index < 200; index++) online('web', '2.0.0', `10.2.0.${index}`);
  const services = servicesIn(ask('web.app.bender', 'SRV', { transport: 'tcp' }));
  expect(services.filter(({ weight }) => weight > 0)).toHaveLength(200);
  expect(services.length).toBeGreaterThan(1300);
  expect(addressesIn(ask('web.app.bender', 'A', { transport: 'tcp' }))).toHaveLength(200);
});

/** Has the daemon do something else for a while. */
function instead<K extends 'awake' | 'stamp' | 'registrationsIn'>(
  name: K,
  act: ApiServer['daemon'][K],
  during: () => void,
): void {
  Object.defineProperty(server.daemon, name, { value: act, configurable: true });
  during();
  delete (server.daemon as Partial<Pick<ApiServer['daemon'], K>>)[name];
}

it('looks at the instances of those versions alone that the name stands for', () => {
  for (const [index, version] of ['1.0.0', '2.0.0', '3.0.0'].entries()) online('web', version, `10.0.0.${index}`);
  const { backends } = server.daemon.catalog;
  backends.create({ name: 'web', app: 'web', split: { '1.0.0': 1, '3.0.0': 1 } }, 'test');
  const looked: string[] = [];
  const registrationsIn: ApiServer['daemon']['registrationsIn'] = (group) => {
    looked.push(group.version);
    return server.daemon.registrations({ app: 'web', version: group.version });
  };
  instead('registrationsIn', registrationsIn, () => {
    for (const name of ['9-9-9.web.app', '2-0-0.web.app', 'web.backend']) ask(`${name}.bender`, 'A');
  });
  expect(looked).toEqual(['2.0.0', '1.0.0', '3.0.0']);
});

it('says nothing right after a long pause', () => {
  instead(
    'awake',
    () => false,
    () => expect(responder.respond(encodeQuery({ name: 'bender', type: 'SOA' }), 'udp')).toBeUndefined(),
  );
});

it('survives a bug with SERVFAIL and a line in the log', () => {
  const fail = (): never => {
    throw new Error('a bug');
  };
  instead('stamp', fail, () => expect(ask('web.app.bender', 'A').rcode).toBe('SERVFAIL'));
  expect(server.logged.at(-1)).toMatchObject({ level: 'error', fields: { reason: 'Error: a bug' } });
});
