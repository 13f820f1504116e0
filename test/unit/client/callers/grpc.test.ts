import * as grpc from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type GrpcOptions, registerBender } from '../../../../src/client/callers/grpc.js';
import { Pool } from '../../../../src/client/pool/pool.js';
import { Views } from '../../../../src/client/pool/view.js';
import { AccessError, InvalidError } from '../../../../src/model/errors.js';
import { FakeRegistry, instanceOf } from '../../../helpers/fake-registry.js';
import { settled, VirtualTimers } from '../../../helpers/virtual-timers.js';

let registry: FakeRegistry;
let timers: VirtualTimers;
let resolver: grpc.experimental.Resolver | undefined;
/** What the channel was told: the ports, or why there are none. */
let told: string[];
/** The schemes of the tests, since one cannot be taken back. */
let schemes = 0;
const [a, b, c] = [instanceOf('1.0.0', 1), instanceOf('1.0.0', 2), instanceOf('2.0.0', 3)];

beforeEach(() => {
  registry = new FakeRegistry();
  timers = new VirtualTimers();
  told = [];
  registry.serve({ name: 'www', backend: 'web' });
  registry.deploy({ name: 'web', app: 'web', version: '1.0.0' });
});
afterEach(() => resolver?.destroy());

/** Teaches grpc-js a new scheme, and returns it. */
function register(options: GrpcOptions = {}): string {
  const views = new Views(registry, timers);
  const scheme = `bender-${schemes++}`;
  const opener = { pool: (name: string, ofPool = {}) => new Pool(registry, views, name, { timers, ...ofPool }) };
  registerBender(opener, { scheme, ...options });
  return scheme;
}

const listener: grpc.experimental.ResolverListener = (endpoints, _attributes, config, note) => {
  const addresses = endpoints.ok ? endpoints.value.flatMap((one) => one.addresses) : [];
  const ports = addresses.map((address) => ('port' in address ? address.port : address.path)).join(' ');
  const policy = config?.ok ? Object.keys(config.value.loadBalancingConfig[0]!).join() : 'own';
  told.push(endpoints.ok ? `${policy}: ${ports || note}` : endpoints.error.details);
  return true;
};

/** Everything so far has arrived. */
const quiet = async (): Promise<void> => {
  for (let turn = 0; turn < 5; turn++) await settled();
};

/** What a channel to `www` does. */
async function resolve(options: GrpcOptions = {}, channel: grpc.ChannelOptions = {}): Promise<void> {
  const target = { scheme: register(options), path: 'www' };
  resolver = grpc.experimental.createResolver(target, listener, channel);
  resolver.updateResolution();
  await quiet();
}

describe('the resolver of gRPC', () => {
  it('gives a channel the addresses as often as their weights say, mixed, and each change once', async () => {
    registry.deploy({ name: 'web', app: 'web', split: { '1.0.0': 80, '2.0.0': 20 } });
    registry.online(a, b, c);
    await resolve();
    expect(told).toEqual(['round_robin: 1 2 3 1 2']);
    resolver!.updateResolution();
    registry.snapshots();
    await quiet();
    expect(told.length).toBe(1);
    registry.drain(b);
    await quiet();
    expect(told[1]).toBe('round_robin: 1 1 3 1 1');
  });

  it('gives at most a hundred addresses for weights, and each instance at least one', async () => {
    registry.deploy({ name: 'web', app: 'web', split: { '1.0.0': 255, '2.0.0': 1 } });
    registry.online(a, c);
    await resolve();
    const ports = told[0]!.split(' ').slice(1);
    expect([ports.length, ports.filter((port) => port === '3').length]).toEqual([101, 1]);
  });

  it('keeps what it gave while no daemon can be reached, and takes it away when a daemon says so', async () => {
    registry.online(a);
    await resolve();
    registry.fail('unreachable');
    registry.registrations.clear();
    await timers.advance(60_000);
    expect(told).toEqual(['round_robin: 1']);
    registry.recover();
    await quiet();
    // The empty list ends connections, and the error is what calls fail with.
    const reason = 'no instance of www is online';
    expect(told.slice(1)).toEqual([`round_robin: ${reason}`, reason]);
    resolver!.updateResolution();
    await quiet();
    expect(told.slice(3)).toEqual([reason]);
    registry.online(b);
    await quiet();
    expect(told.at(-1)).toBe('round_robin: 2');
  });

  it('leaves the policy to the service config of a channel', async () => {
    registry.online(a);
    await resolve({}, { 'grpc.service_config': '{}' });
    expect(told).toEqual(['own: 1']);
  });

  it('says why a daemon refuses', async () => {
    registry.refusal = new AccessError('TOKEN_MISSING', 'a token is needed', 'read');
    await resolve();
    expect(told).toEqual(['a token is needed']);
  });

  it('gives near instances, and all if there are too few', async () => {
    const near = instanceOf('1.0.0', 4, { meta: { zone: 'eu-1' } });
    registry.online(a, near);
    await resolve({ near: 'zone:eu-1' });
    registry.offline(near);
    await quiet();
    expect(told).toEqual(['round_robin: 4', 'round_robin: 1']);
  });

  it('says nothing more once its channel is closed', async () => {
    registry.online(a);
    await resolve();
    resolver!.destroy();
    registry.online(b);
    await quiet();
    expect(told.length).toBe(1);
    expect(registry.openStreams).toBe(0);
  });

  it('is not registered for a malformed preference', () => {
    expect(() => register({ near: 'eu-1' })).toThrow(InvalidError);
  });
});

it('calls fail if nothing is online, and say why', async () => {
  const called = new grpc.Client(`${register()}:///www`, grpc.credentials.createInsecure());
  const bytes = (text: Buffer): Buffer => text;
  const call = (): Promise<grpc.ServiceError | null> =>
    new Promise((resolve) => called.makeUnaryRequest('/a.B/C', bytes, bytes, Buffer.from(''), resolve));
  const details = 'no instance of www is online';
  expect(await call()).toMatchObject({ code: grpc.status.UNAVAILABLE, details });
  expect(await call()).toMatchObject({ code: grpc.status.UNAVAILABLE, details });
  called.close();
});
