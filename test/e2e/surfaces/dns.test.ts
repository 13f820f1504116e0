/** DNS as real programs ask it: dig, Node, dnsmasq, nginx, Caddy, gRPC. The configurations are those of the pages. */

import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { Resolver } from 'node:dns/promises';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from '../../../src/client/client.js';
import { run, start } from '../../helpers/cli.js';
import { startDaemon, stopDaemons } from '../../helpers/daemon.js';
import { eventually } from '../../helpers/eventually.js';
import { freePort } from '../../helpers/free-port.js';
import { blocksOf } from '../../helpers/page.js';
import { freePorts, itWith, startProgram } from '../deployments/programs.js';
import { AgentLoad } from '../deployments/agent-load.js';
import { dnsPortOf, type TestService, TestServices } from './test-services.js';

let folder: string;
let client: Client;
/** Of DNS. */
let port: number;
const services = new TestServices();
const stops: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bender-dns-'));
  const daemon = await startDaemon({ args: ['--warm-for', '0s', '--dns-port', '0'] });
  client = new Client({ servers: [daemon.url] });
  port = await dnsPortOf(daemon);
});
afterAll(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
  await services.close();
  await stopDaemons();
  await rm(folder, { recursive: true });
});

const own = (program: string, args: string[]): void => {
  const running = startProgram(program, args, { HOME: folder });
  stops.push(async () => {
    running.kill('SIGTERM');
    await running;
  });
};

const register = (app: string, host: string, at = 80, version = '1.0.0') =>
  client.register({ app, version, host, port: at, ttl: 600_000 });

/** What dig prints, without comments; `status: NXDOMAIN` and the flags stay. */
async function dig(...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)('dig', ['@127.0.0.1', '-p', String(port), ...args]);
  return stdout;
}

const lines = (printed: string): string[] => printed.trim().split('\n').sort();

itWith(['dig'])('dig gets every kind of record, and what says that there is none', async () => {
  await register('kinds', '10.0.0.1', 8080);
  await register('kinds', '10.0.0.1', 8081, '2.0.0');
  await register('kinds', 'fd00::1', 8080);
  await register('kinds', 'kinds.example.com', 8080);
  expect(lines(await dig('+short', 'kinds.app.bender'))).toEqual(['10.0.0.1']);
  expect(lines(await dig('+short', 'kinds.service.bender', 'AAAA'))).toEqual(['fd00::1']);
  expect(lines(await dig('+short', '_kinds._tcp.app.bender', 'SRV'))).toEqual([
    '0 256 8080 i0a0000011f90.kinds.inst.bender.',
    '0 256 8080 ifd0000000000000000000000000000011f90.kinds.inst.bender.',
    '0 256 8080 kinds.example.com.',
    '0 256 8081 i0a0000011f91.kinds.inst.bender.',
  ]);
  expect(lines(await dig('+short', '2-0-0.kinds.service.bender', 'SRV'))).toEqual([
    '0 1 8081 i0a0000011f91.kinds.inst.bender.',
  ]);
  expect(lines(await dig('+short', 'i0a0000011f90.kinds.inst.bender'))).toEqual(['10.0.0.1']);
  expect(await dig('KINDS.app.bender')).toMatch(/flags: qr aa rd;[^]*^KINDS\.app\.bender\.\t1\tIN\tA\t10\.0\.0\.1$/m);
  expect(await dig('_kinds._tcp.app.bender', 'SRV')).toMatch(/ADDITIONAL: 4/);
  expect(await dig('bender', 'SOA')).toMatch(/ANSWER SECTION:\nbender\.\t+1\tIN\tSOA\tbender\. nobody\.invalid\./);
  for (const type of ['TXT', 'MX', 'TYPE65', 'NS'])
    expect(await dig('kinds.app.bender', type)).toMatch(/status: NOERROR[^]*ANSWER: 0[^]*AUTHORITY SECTION:\nbender\./);
  expect(await dig('none.app.bender')).toMatch(/status: NXDOMAIN[^]*AUTHORITY SECTION:\nbender\..*SOA/);
  expect(await dig('+noedns', 'app.bender')).toMatch(/status: NOERROR/);
  expect(await dig('example.com')).toMatch(/status: REFUSED/);
  expect(await dig('version.bind', 'CH', 'TXT')).toMatch(/status: REFUSED/);
  expect(await dig('+opcode=STATUS', 'bender')).toMatch(/status: NOTIMP/);
  expect(await dig('+edns=1', '+noednsnegotiation', 'bender')).toMatch(/status: BADVERS/);
  expect(await dig('+tcp', '+keepopen', '+short', 'kinds.app.bender', 'kinds.app.bender')).toBe('10.0.0.1\n10.0.0.1\n');
});

itWith(['dig'])('dig asks again by TCP for what has no room, unless it takes more by UDP', async () => {
  await Promise.all(Array.from({ length: 60 }, (_, index) => register('many', `10.0.1.${index}`)));
  const ask = (...args: string[]): Promise<string> => dig('_many._tcp.app.bender', 'SRV', ...args);
  expect(await ask('+bufsize=512')).toMatch(/Truncated, retrying in TCP mode[^]*ANSWER: 60,[^]*\(TCP\)/);
  expect(await ask('+bufsize=512', '+ignore')).toMatch(/flags: qr aa tc rd;[^]*ANSWER: [5-9],[^]*ADDITIONAL: 1\n/);
  expect(await ask('+bufsize=8192')).toMatch(/flags: qr aa rd;[^]*ANSWER: 60,[^]*ADDITIONAL: 61\n[^]*\(UDP\)/);
  expect((await dig('+short', '+bufsize=512', 'many.app.bender')).trim().split('\n')).toHaveLength(60);
});

it('is off with --without dns', async () => {
  const { url } = await startDaemon({ args: ['--dns-port', '0', '--without', 'dns'] });
  expect(await (await fetch(`${url}/status`)).json()).not.toHaveProperty('dns');
});

itWith(['dig'])(
  'a daemon opens the port when it has joined, answers SERVFAIL until it knows, and warns beyond loopback',
  async () => {
    // A peer that takes connections and says nothing keeps a daemon joining.
    const silent = createServer((socket) => socket.on('error', () => undefined).resume());
    await once(silent.listen(0, '127.0.0.1'), 'listening');
    const peer = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    const [at, dns] = [await freePort(), await freePorts()];
    const joining = startDaemon({ port: at, peers: [peer], args: ['--dns-port', String(dns), '--warm-for', '60s'] });
    const own = `http://127.0.0.1:${at}`;
    await eventually(async () => (await fetch(`${own}/readyz`)).status === 503);
    const ask = (): Promise<string> => dig('-p', String(dns), '+tries=1', '+time=1', 'web.app.bender');
    await expect(ask()).rejects.toMatchObject({ code: 9 });
    silent.close();
    const daemon = await joining;
    expect(await ask()).toMatch(/status: SERVFAIL/);
    await daemon.stop();
    await expect(ask()).rejects.toMatchObject({ code: 9 });

    const open = await startDaemon({ args: ['--dns-port', '0', '--dns-host', '0.0.0.0'] });
    expect(open.log.join()).toContain('DNS knows no tokens');
    expect((await run(['doctor', '--server', open.url])).stdout).toMatch(/reaches 0\.0\.0\.0:\d+ may see by DNS/);
  },
);

it('the resolver of Node has addresses and services', async () => {
  await Promise.all(Array.from({ length: 40 }, (_, index) => register('node', `10.0.2.${index}`, 8000 + index)));
  const resolver = new Resolver({ timeout: 2000 });
  resolver.setServers([`127.0.0.1:${port}`]);
  expect(await resolver.resolve4('node.app.bender')).toHaveLength(40);
  const found = await resolver.resolveSrv('_node._tcp.service.bender');
  expect(found).toHaveLength(40);
  // Node 24 tells the type of each record, too.
  const srv = { name: 'i0a0002031f43.node.inst.bender', port: 8003, priority: 0, weight: 256 };
  expect(found).toContainEqual(expect.objectContaining(srv));
  expect(await resolver.resolve4('i0a0002031f43.node.inst.bender')).toEqual(['10.0.2.3']);
  await expect(resolver.resolve6('node.app.bender')).rejects.toMatchObject({ code: 'ENODATA' });
  await expect(resolver.resolve4('none.app.bender')).rejects.toMatchObject({ code: 'ENOTFOUND' });
});

itWith(['dnsmasq', 'dig'])('dnsmasq passes questions on, with the lines of the page', async () => {
  await register('behind', '10.0.3.1', 8080);
  const [config = ''] = await blocksOf('docs/integrations/dns.md', 'dnsmasq');
  const at = await freePorts();
  const here = config.replace('#1753', `#${port}`);
  await writeFile(
    join(folder, 'dnsmasq.conf'),
    `port=${at}\nlisten-address=127.0.0.1\nbind-interfaces\nno-resolv\nno-hosts\nuser=root\n${here}`,
  );
  own('dnsmasq', ['--keep-in-foreground', '-C', join(folder, 'dnsmasq.conf'), '--pid-file']);
  const ask = (...args: string[]): Promise<string> => dig('-p', String(at), ...args);
  await eventually(async () => (await ask('+short', '+tries=1', '+time=1', 'behind.app.bender')) === '10.0.3.1\n');
  expect(await ask('+short', '_behind._tcp.app.bender', 'SRV')).toBe('0 256 8080 i0a0003011f90.behind.inst.bender.\n');
  expect(await ask('late.app.bender')).toMatch(/status: NXDOMAIN/);
  await register('late', '10.0.3.2');
  await eventually(async () => (await ask('+short', 'late.app.bender')) === '10.0.3.2\n');
});

itWith(['dig'])('the commands of the page show what they start', async () => {
  const [setUp = '', asking = ''] = await blocksOf('docs/integrations/dns.md', 'sh');
  const [at, dns] = [await freePort(), await freePorts()];
  const env = { BENDER_PORT: String(at), XDG_STATE_HOME: folder };
  const [serve, online] = setUp.trim().replace('1753', String(dns)).split('\n') as [string, string];
  const words = (line: string): string[] => line.replace(/^bender | &$/g, '').split(' ');
  expect(await run([...words(serve), '--warm-for', '0s'], { env, cwd: folder })).toMatchObject({ exitCode: 0 });
  stops.push(() => run(['stop', '--port', String(at)], { env }));
  const service = start(words(online), { server: `http://127.0.0.1:${at}` });
  stops.push(async () => {
    service.kill('SIGTERM');
    await service;
  });
  const expected = ['127.0.0.1\n', '0 256 8080 i7f0000011f90.web.inst.bender.\n', '127.0.0.1\n'];
  for (const [index, line] of asking.trim().split('\n').entries()) {
    const [command, ...args] = line.replace('1753', String(dns)).split(' ') as [string, ...string[]];
    expect(await eventually(async () => (await promisify(execFile)(command, args)).stdout || undefined)).toBe(
      expected[index],
    );
  }
});

/** A backend of the app and version of these services, and a frontend over it, both with this name. */
async function frontend(name: string, first: TestService[]): Promise<void> {
  const { app, version } = first[0]!;
  await client.createBackend({ name, app, version });
  await client.createFrontend({ name, backend: name });
}

/** Deploys the version of `after` under load through `url`, until the one before gets nothing. Nothing may fail. */
async function switchUnderLoad(url: string, name: string, before: TestService[], after: TestService[]): Promise<void> {
  await eventually(async () => (await fetch(url)).ok, { withinMs: 15_000 });
  const load = new AgentLoad(url);
  try {
    await eventually(() => before.every(({ requests }) => requests > 0));
    await client.updateBackend(name, { version: after[0]!.version });
    await eventually(() => after.every(({ requests }) => requests > 0));
    await eventually(async () => {
      const counts = before.map(({ requests }) => requests);
      const so = load.requests;
      await eventually(() => load.requests > so + 40);
      return before.every(({ requests }, index) => requests === counts[index]);
    });
  } finally {
    await load.stop();
  }
  expect(load.failures).toEqual([]);
}

itWith(['nginx'])('nginx follows a deployment by its resolver', async () => {
  const [config = ''] = await blocksOf('docs/integrations/nginx-resolver.md', 'nginx');
  const [listen, at] = [await freePorts(), await freePorts()];
  const old = await services.start(client, { app: 'www', version: '1.0.0', port: at }, 2);
  const next = await services.start(client, { app: 'www', version: '2.0.0', port: at, from: 11 }, 2);
  await frontend('www', old);
  const here = config
    .replace('127.0.0.1:1753', `127.0.0.1:${port}`)
    .replace('listen 8080', `listen 127.0.0.1:${listen}`)
    .replace(':8081', `:${at}`);
  const file = join(folder, 'nginx.conf');
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `${kind}_temp_path ${folder}/${kind};`,
  );
  await writeFile(
    file,
    `daemon off; pid ${folder}/nginx.pid; events {}\nhttp { access_log off; ${paths.join(' ')}\n${here}}`,
  );
  own('nginx', ['-c', file, '-e', join(folder, 'nginx.log')]);
  await switchUnderLoad(`http://127.0.0.1:${listen}/`, 'www', old, next);
});

itWith(['caddy'])('Caddy follows deployments by dynamic srv and dynamic a', async () => {
  const [config = ''] = await blocksOf('docs/integrations/caddy.md', 'caddy');
  const [bySrv, byA, at] = [await freePorts(), await freePorts(), await freePorts()];
  const srv = { app: 'srv' };
  const [oldSrv, nextSrv] = [
    await services.start(client, { ...srv, version: '1.0.0' }, 2),
    await services.start(client, { ...srv, version: '2.0.0' }, 2),
  ];
  const [oldA, nextA] = [
    await services.start(client, { app: 'a', version: '1.0.0', port: at, from: 21 }, 2),
    await services.start(client, { app: 'a', version: '2.0.0', port: at, from: 31 }, 2),
  ];
  await frontend('srv', oldSrv);
  await frontend('a', oldA);
  const here = config
    .replaceAll('127.0.0.1:1753', `127.0.0.1:${port}`)
    .replace('_www._tcp.frontend', '_srv._tcp.frontend')
    .replace('www.frontend', 'a.frontend')
    .replace('127.0.0.1:8080', `127.0.0.1:${bySrv}`)
    .replace('127.0.0.1:8081', `127.0.0.1:${byA}`)
    .replace('port 8082', `port ${at}`);
  const file = join(folder, 'Caddyfile');
  await writeFile(file, `{\n  admin off\n}\n${here}`);
  own('caddy', ['run', '--config', file, '--adapter', 'caddyfile']);
  await switchUnderLoad(`http://127.0.0.1:${bySrv}/`, 'srv', oldSrv, nextSrv);
  await switchUnderLoad(`http://127.0.0.1:${byA}/`, 'a', oldA, nextA);
});

it('gRPC finds servers by dns://, and the next ones when the first have closed', async () => {
  // It is read when the library is loaded.
  process.env.GRPC_NODE_USE_ALTERNATIVE_RESOLVER = 'true';
  const { Client: GrpcClient, credentials, Server, ServerCredentials } = await import('@grpc/grpc-js');
  const at = await freePorts();
  const path = '/test/Who';
  const asIs = (bytes: Buffer): Buffer => bytes;
  const codec = {
    requestSerialize: asIs,
    requestDeserialize: asIs,
    responseSerialize: asIs,
    responseDeserialize: asIs,
  };
  const serve = async (host: string, version: string) => {
    const server = new Server();
    const who = (_: unknown, answer: (error: null, value: Buffer) => void): void => answer(null, Buffer.from(host));
    server.addService({ who: { path, requestStream: false, responseStream: false, ...codec } }, { who });
    await promisify(server.bindAsync.bind(server))(`${host}:${at}`, ServerCredentials.createInsecure());
    await register('rpc', host, at, version);
    stops.push(() => Promise.resolve(server.forceShutdown()));
    return server;
  };
  const hosts = ['127.0.0.41', '127.0.0.42'];
  const old = await Promise.all(hosts.map((host) => serve(host, '1.0.0')));
  await client.createBackend({ name: 'rpc', app: 'rpc', version: '1.0.0' });
  await client.createFrontend({ name: 'rpc', backend: 'rpc' });

  const [code = ''] = await blocksOf('docs/integrations/grpc.md', 'js');
  const here = code
    .replace(/^import .*$/m, '')
    .replace('127.0.0.1:1753/www.frontend.bender:50051', `127.0.0.1:${port}/rpc.frontend.bender:${at}`);
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- it is the code of the page
  const make = new Function('Client', 'credentials', `${here}; return client;`) as (
    ...of: unknown[]
  ) => InstanceType<typeof GrpcClient>;
  const grpc = make(GrpcClient, credentials);
  stops.push(() => Promise.resolve(grpc.close()));
  const call = (): Promise<string> =>
    new Promise((resolve, reject) => {
      grpc.makeUnaryRequest(path, asIs, asIs, Buffer.alloc(0), { deadline: Date.now() + 5000 }, (error, value) =>
        error ? reject(error) : resolve(String(value)),
      );
    });
  const seen = new Set<string>();
  await eventually(async () => seen.add(await call()).size === 2);
  expect([...seen].sort()).toEqual(hosts);

  await serve('127.0.0.43', '2.0.0');
  await client.updateBackend('rpc', { version: '2.0.0' });
  await Promise.all(old.map((server) => promisify(server.tryShutdown.bind(server))()));
  await eventually(async () => (await call()) === '127.0.0.43');
});
