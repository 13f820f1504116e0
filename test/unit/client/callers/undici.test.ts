import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { buildConnector, request } from 'undici';
import {
  type BenderDispatcher,
  benderDispatcher,
  type DispatcherOptions,
} from '../../../../src/client/callers/undici.js';
import { NoInstanceError, UnreachableError } from '../../../../src/model/errors.js';
import { Called, identityOf, registryWith } from '../../../helpers/called.js';
import { eventually } from '../../../helpers/eventually.js';
import type { FakeRegistry } from '../../../helpers/fake-registry.js';

let a: Called;
let b: Called;
let registry: FakeRegistry;
let dispatcher: BenderDispatcher;
const made: Called[] = [];

const start = async (...options: Parameters<typeof Called.start>): Promise<Called> => {
  const called = await Called.start(...options);
  made.push(called);
  return called;
};
/** Calls these instances, in turn. */
const calling = (instances: Called[], options: DispatcherOptions = {}): void => {
  const { registry: found, opener } = registryWith(...instances);
  registry = found;
  dispatcher = benderDispatcher(opener, { pick: 'round-robin', ...options });
};
/** Breaks each connection without an answer. */
const breaks: Parameters<typeof Called.start>[1] = (asked) => asked.socket.destroy();

beforeEach(async () => {
  [a, b] = await Promise.all([start('a'), start('b')]);
});
afterEach(async () => {
  await dispatcher.destroy();
  await Promise.all(made.splice(0).map((called) => called.stop()));
});

const get = async (url = 'http://www.bender/'): Promise<string> => (await fetch(url, { dispatcher } as never)).text();
const times = async (count: number, call: () => Promise<string>): Promise<string[]> => {
  const answers: string[] = [];
  for (let each = 0; each < count; each++) answers.push(await call());
  return answers;
};

describe('a dispatcher', () => {
  it("sends Node's own fetch and undici to instances, as the host of the URL", async () => {
    calling([a, b]);
    expect((await times(4, get)).sort()).toEqual(['a', 'a', 'b', 'b']);
    const { body } = await request('http://www.bender/', { dispatcher, method: 'POST', body: 'x' });
    expect(await body.text()).toBe('a');
    expect([...new Set([...a.asked, ...b.asked])].sort()).toEqual(['GET www.bender', 'POST www.bender']);
  });

  it('keeps a host that the caller has set, and sends that of the instance if it is to', async () => {
    calling([a]);
    await (await request('http://www.bender/', { dispatcher, headers: { Host: 'x.example' } })).body.text();
    await (await request('http://www.bender/', { dispatcher, headers: ['host', 'y.example'] })).body.text();
    expect(a.asked).toEqual(['GET x.example', 'GET y.example']);
    await dispatcher.close();
    calling([a], { host: 'instance' });
    await get();
    expect(a.asked[2]).toBe(`GET 127.0.0.1:${a.registration.port}`);
  });

  it('lets requests to other hosts pass', async () => {
    calling([a]);
    expect(await get(`http://127.0.0.1:${b.registration.port}/`)).toBe('b');
  });

  it('sends what could not be sent to another instance, whatever the method', async () => {
    calling([a, b]);
    await a.stop();
    const post = async (): Promise<string> =>
      (await request('http://www.bender/', { dispatcher, method: 'POST', body: 'x' })).body.text();
    expect(await times(4, post)).toEqual(['b', 'b', 'b', 'b']);
  });

  it('repeats what may have been sent only if the method is safe', async () => {
    const broken = await start('broken', breaks);
    calling([broken, b]);
    expect(await times(2, get)).toEqual(['b', 'b']);
    await dispatcher.close();
    calling([broken, b]);
    const put = request('http://www.bender/', { dispatcher, method: 'PUT', body: 'x' });
    await expect(put).rejects.toMatchObject({ code: 'UND_ERR_SOCKET' });
    expect(b.asked).not.toContain('PUT www.bender');
  });

  it.each([
    ['unsent', 'GET', false],
    ['idempotent', 'PUT', true],
    ['idempotent', 'POST', false],
  ] as const)('with retry %s repeats a %s: %s', async (retry, method, isRepeated) => {
    const broken = await start('broken', breaks);
    calling([broken, b], { retry });
    const asked = request('http://www.bender/', { dispatcher, method });
    if (isRepeated) expect(await (await asked).body.text()).toBe('b');
    else await expect(asked).rejects.toMatchObject({ code: 'UND_ERR_SOCKET' });
    expect(b.asked.length).toBe(isRepeated ? 1 : 0);
  });

  it('fails when all instances do, and says if there is none', async () => {
    calling([a, b]);
    await Promise.all([a.stop(), b.stop()]);
    await expect(get()).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
    await expect(request('http://none.bender/', { dispatcher })).rejects.toThrow(
      new NoInstanceError('no instance of none is online: there is no frontend none'),
    );
  });

  it('sends requests to near instances, and to others when none of those can be reached', async () => {
    a.registration.meta = { zone: 'eu-1' };
    calling([a, b], { near: 'zone:eu-1' });
    expect(await times(3, get)).toEqual(['a', 'a', 'a']);
    await a.stop();
    expect(await times(3, get)).toEqual(['b', 'b', 'b']);
  });

  it('waits for the instances, but not for ever', async () => {
    calling([a], { waitMs: 60_000 });
    registry.trouble = 'unreachable';
    const stop = new AbortController();
    const ended = request('http://www.bender/', { dispatcher, signal: stop.signal });
    stop.abort(new Error('enough'));
    await expect(ended).rejects.toThrow('enough');
    await dispatcher.close();
    calling([a], { waitMs: 50 });
    registry.trouble = 'unreachable';
    await expect(request('http://www.bender/', { dispatcher })).rejects.toThrow(
      new UnreachableError('the instances of www are not known after 50 ms: unreachable'),
    );
    registry.recover();
    expect(await get()).toBe('a');
  });

  it('closes its connections to an instance that drains', async () => {
    calling([a, b]);
    await times(2, get);
    await eventually(() => a.sockets.size === 1);
    registry.drain(a.registration);
    await eventually(() => a.sockets.size === 0);
    expect(await times(2, get)).toEqual(['b', 'b']);
  });

  it('does not blame an instance for a request that its caller ends', async () => {
    const slow = await start('slow', () => undefined);
    calling([slow]);
    const stop = new AbortController();
    const asked = fetch('http://www.bender/', { dispatcher, signal: stop.signal } as never);
    await eventually(() => slow.asked.length === 1);
    stop.abort();
    await expect(asked).rejects.toThrow('aborted');
    expect(slow.asked.length).toBe(1);
  });

  it('does not repeat a request that takes too long', async () => {
    const slow = await start('slow', () => undefined);
    calling([slow, b], { connections: { headersTimeout: 50 } });
    const asked = request('http://www.bender/', { dispatcher });
    await expect(asked).rejects.toMatchObject({ code: 'UND_ERR_HEADERS_TIMEOUT' });
    expect(b.asked).toEqual([]);
  });

  it('sends what waits for a connection to another instance when its own goes offline', async () => {
    const connect = buildConnector({});
    let waiting = 0;
    const hangs: buildConnector.connector = (to, callback) => {
      if (to.port === String(a.registration.port)) waiting++;
      else connect(to, callback);
    };
    calling([a, b], { connections: { connect: hangs } });
    const asked = get();
    await eventually(() => waiting === 1);
    registry.offline(a.registration);
    expect(await asked).toBe('b');
  });

  it('waits for what is under way when it is closed, also at an instance that drains, and ends it when it is destroyed', async () => {
    const slow = await start('slow', (_, response) => void response.write('begun'));
    calling([slow, b]);
    const { body } = await request('http://www.bender/', { dispatcher });
    const ended = body.text().catch(() => 'ended');
    registry.drain(slow.registration);
    expect(await times(2, get)).toEqual(['b', 'b']);
    let isClosed = false;
    const closed = dispatcher.close().then(() => (isClosed = true));
    await eventually(() => b.sockets.size === 0);
    expect(isClosed).toBe(false);
    await dispatcher.destroy();
    expect(await ended).toBe('ended');
    await closed;
  });

  it('is closed once it is destroyed, also if requests wait for a connection', async () => {
    const slow = await start('slow', () => undefined);
    calling([slow], { connections: { connections: 1 } });
    const asked = [1, 2].map(() =>
      request('http://www.bender/', { dispatcher }).catch((error: Error) => error.message),
    );
    await eventually(() => slow.asked.length === 1);
    const closed = dispatcher.close();
    await dispatcher.destroy();
    expect(await Promise.all(asked)).toEqual(Array(2).fill('The client is destroyed'));
    await closed;
  }, 4000);

  it('calls by TLS if the URL or the routing facts say so; the certificate is for the host of the URL', async () => {
    const identity = await identityOf('www.bender');
    const secure = await start('secure', undefined, identity);
    const { ca } = identity;
    calling([secure], { connections: { connect: { ca } } });
    expect(await get('https://www.bender/')).toBe('secure');
    await dispatcher.close();
    calling([secure], { connections: { connect: { ca } } });
    registry.deploy({ name: 'web', app: 'web', version: '1.0.0', routing: { scheme: 'https' } });
    expect(await get()).toBe('secure');
    expect(secure.asked).toEqual(['GET www.bender', 'GET www.bender']);
    await dispatcher.close();
    calling([secure]);
    await expect(get('https://www.bender/')).rejects.toMatchObject({
      cause: { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' },
    });
  });

  it('takes a certificate for the address if the host is that of the instance', async () => {
    const identity = await identityOf('127.0.0.1');
    const secure = await start('secure', undefined, identity);
    const connections = { connect: { ca: identity.ca } };
    calling([secure], { connections, host: 'instance' });
    expect(await get('https://www.bender/')).toBe('secure');
    await dispatcher.close();
    calling([secure], { connections });
    const failed = { cause: { code: 'ERR_TLS_CERT_ALTNAME_INVALID' } };
    await expect(get('https://www.bender/')).rejects.toMatchObject(failed);
  });

  it('sends nothing once it is closed, and follows no frontend again', async () => {
    calling([a]);
    await get();
    await dispatcher.close();
    await expect(request('http://www.bender/', { dispatcher })).rejects.toMatchObject({ code: 'UND_ERR_CLOSED' });
    await expect(request('http://new.bender/', { dispatcher })).rejects.toMatchObject({ code: 'UND_ERR_CLOSED' });
    await dispatcher.destroy().catch(() => undefined);
    await expect(request('http://www.bender/', { dispatcher })).rejects.toMatchObject({ code: 'UND_ERR_DESTROYED' });
    expect(registry.openStreams).toBe(0);
  });

  it('ends what has not been sent when it is destroyed, and sends it to no other instance', async () => {
    const slow = await start('slow', () => undefined);
    calling([slow, b], { connections: { connections: 1 } });
    const first = request('http://www.bender/', { dispatcher }).catch((error: Error) => error.message);
    await eventually(() => slow.asked.length === 1);
    await (await request('http://www.bender/', { dispatcher })).body.text();
    // It waits for the only connection to `slow`.
    const second = request('http://www.bender/', { dispatcher }).catch((error: Error) => error.message);
    await dispatcher.destroy(new Error('the end'));
    expect(await Promise.all([first, second])).toEqual(['the end', 'the end']);
    expect(b.asked.length).toBe(1);
  });
});
