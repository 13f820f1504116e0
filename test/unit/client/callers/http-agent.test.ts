import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { once } from 'node:events';
import { get, request, type ServerResponse } from 'node:http';
import { createServer, Socket, type AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { type BenderAgent, benderAgent, type BenderAgentOptions } from '../../../../src/client/callers/http-agent.js';
import { NoInstanceError } from '../../../../src/model/errors.js';
import { Called, identityOf, registryWith } from '../../../helpers/called.js';
import { eventually } from '../../../helpers/eventually.js';
import { type FakeRegistry, instanceOf } from '../../../helpers/fake-registry.js';
import { settled } from '../../../helpers/virtual-timers.js';

let a: Called;
let b: Called;
let registry: FakeRegistry;
let agent: BenderAgent;

/** Calls these instances, in turn. */
const calling = (instances: Called[], options: BenderAgentOptions = {}): void => {
  const { registry: found, opener } = registryWith(...instances);
  registry = found;
  agent = benderAgent(opener, { pick: 'round-robin', ...options });
};

beforeEach(async () => {
  [a, b] = await Promise.all([Called.start('a'), Called.start('b')]);
});
afterEach(async () => {
  agent.destroy();
  await Promise.all([a.stop(), b.stop()]);
});

const ask = (url = 'http://www.bender/', method = 'GET'): Promise<string> =>
  new Promise((resolve, reject) => {
    const asked = request(url, { agent, method }, (response) => void text(response).then(resolve, reject));
    asked.on('error', reject);
    asked.end(method === 'POST' ? 'x' : undefined);
  });
/** The error of a request that is destroyed after so many milliseconds. */
const failureOf = (options: { signal?: AbortSignal }, destroyAfterMs?: number): Promise<Error> =>
  new Promise((resolve) => {
    const asked = get('http://www.bender/', { agent, ...options }).on('error', resolve);
    if (destroyAfterMs !== undefined) setTimeout(() => asked.destroy(), destroyAfterMs);
  });
const times = async (count: number, call: () => Promise<string>): Promise<string[]> => {
  const answers: string[] = [];
  for (let each = 0; each < count; each++) answers.push(await call());
  return answers;
};

const byTls = { name: 'web', app: 'web', version: '1.0.0', routing: { scheme: 'https' } } as const;

/** An instance that accepts connections, and never answers on them: no connection by TLS is made. */
async function startSilent() {
  const sockets: Socket[] = [];
  const server = createServer((socket) => sockets.push(socket.resume())).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    registration: { ...instanceOf('1.0.0', port), host: '127.0.0.1' },
    get connections() {
      return sockets.length;
    },
    async stop(): Promise<void> {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}

describe('an agent', () => {
  it('lets each request pick its instance, and keeps a connection to each', async () => {
    calling([a, b]);
    expect((await times(6, ask)).sort()).toEqual(['a', 'a', 'a', 'b', 'b', 'b']);
    expect([a.sockets.size, b.sockets.size]).toEqual([1, 1]);
    expect(a.asked).toEqual(['GET www.bender', 'GET www.bender', 'GET www.bender']);
  });

  it('lets requests to other hosts pass', async () => {
    calling([a]);
    expect(await ask(`http://127.0.0.1:${b.registration.port}/`)).toBe('b');
  });

  it('calls near instances, and others when none of those can be reached', async () => {
    a.registration.meta = { zone: 'eu-1' };
    calling([a, b], { near: 'zone:eu-1' });
    expect(await times(3, ask)).toEqual(['a', 'a', 'a']);
    await a.stop();
    await eventually(() => Object.keys(agent.freeSockets).length === 0);
    expect(await times(3, ask)).toEqual(['b', 'b', 'b']);
  });

  it('closes its idle connection to an instance that drains, and one in use once it is answered', async () => {
    calling([a, b]);
    await times(2, ask);
    registry.drain(a.registration);
    await eventually(() => a.sockets.size === 0);
    expect(await times(3, ask)).toEqual(['b', 'b', 'b']);

    const slow = await Called.start('slow', (_, response) => setTimeout(() => response.end('slow'), 100));
    registry.online(slow.registration);
    for (let turn = 0; turn < 5; turn++) await settled();
    const both = Promise.all([ask(), ask()]);
    await eventually(() => slow.asked.length === 1);
    registry.drain(slow.registration);
    expect((await both).sort()).toEqual(['b', 'slow']);
    await eventually(() => slow.sockets.size === 0);
    await slow.stop();
  });

  it('connects to another instance if one cannot be reached, also for a POST', async () => {
    calling([a, b]);
    await a.stop();
    expect(await times(3, () => ask('http://www.bender/', 'POST'))).toEqual(['b', 'b', 'b']);
    // The connection in the place of one to a is not kept as one to a.
    await eventually(() => b.sockets.size === 1);
  });

  it('leaves out an instance that breaks connections', async () => {
    const broken = await Called.start('broken', (asked) => asked.socket.destroy());
    calling([broken, b]);
    const answers = await times(4, () => ask().catch((error: NodeJS.ErrnoException) => error.code!));
    expect(answers).toEqual(['ECONNRESET', 'b', 'b', 'b']);
    await broken.stop();
  });

  it('does not blame an instance for a request that its caller ends', async () => {
    const slow = await Called.start('slow', (asked, response) => {
      if (asked.method === 'GET') response.end('slow');
    });
    calling([slow, b], { leaveOut: { firstMs: 60_000 } });
    const asked = request('http://www.bender/', { agent, method: 'POST' });
    asked.on('error', () => undefined).end('x');
    await eventually(() => slow.asked.length === 1);
    asked.destroy();
    expect((await times(2, ask)).sort()).toEqual(['b', 'slow']);
    await slow.stop();
  });

  it('calls by TLS if the routing facts say so; the certificate is for the host of the URL', async () => {
    const identity = await identityOf('www.bender');
    const secure = await Called.start('secure', undefined, identity);
    calling([secure], { tls: { ca: identity.ca } });
    registry.deploy(byTls);
    expect(await times(2, ask)).toEqual(['secure', 'secure']);
    expect(secure.sockets.size).toBe(1);
    agent.destroy();
    calling([secure]);
    registry.deploy(byTls);
    await expect(ask()).rejects.toMatchObject({ code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' });
    await secure.stop();
  });

  it('connects to another instance when the one that it connects to goes offline', async () => {
    const identity = await identityOf('www.bender');
    const [silent, secure] = [await startSilent(), await Called.start('secure', undefined, identity)];
    calling([], { tls: { ca: identity.ca } });
    registry.deploy(byTls);
    registry.online(silent.registration, secure.registration);
    const asked = ask();
    await eventually(() => silent.connections === 1);
    registry.offline(silent.registration);
    expect(await asked).toBe('secure');
    await Promise.all([silent.stop(), secure.stop()]);
  }, 4000);

  it('sends nothing once it is destroyed, not even what waits for a connection, and follows no frontend again', async () => {
    const silent = await startSilent();
    calling([]);
    registry.deploy(byTls);
    registry.online(silent.registration);
    const failed = failureOf({});
    await eventually(() => silent.connections === 1);
    agent.destroy();
    expect(await failed).toEqual(new NoInstanceError('the agent was destroyed'));
    await expect(ask()).rejects.toThrow('the agent was destroyed');
    await settled();
    expect(registry.openStreams).toBe(0);
    expect(await ask(`http://127.0.0.1:${b.registration.port}/`)).toBe('b');
    await silent.stop();
  }, 4000);

  describe('with one connection to each instance', () => {
    let held: ServerResponse[];
    let busy: Called;
    /** Two requests to an instance: it holds the first one, and would answer the second one at once. */
    const askTwice = async (): Promise<Promise<string>[]> => {
      held = [];
      busy = await Called.start('busy', (_, response) => {
        if (held.length > 0) response.end('busy');
        else held.push(response);
      });
      calling([busy], { agent: { maxSockets: 1 } });
      const first = ask();
      await eventually(() => held.length === 1);
      const second = ask();
      await eventually(() => Object.keys(agent.requests).length === 1);
      return [first, second];
    };
    afterEach(async () => {
      await busy.stop();
    });

    it('sends what waits for one to another instance if its own has gone offline', async () => {
      const [first, second] = await askTwice();
      const failed = expect(first).rejects.toMatchObject({ code: 'ECONNRESET' });
      registry.online(b.registration);
      registry.offline(busy.registration);
      await settled();
      held[0]!.destroy();
      await failed;
      expect(await second).toBe('b');
    });

    it('ends what waits for one when it is destroyed', async () => {
      const both = (await askTwice()).map((each) => each.catch((error: unknown) => error));
      agent.destroy();
      expect(await both[1]).toEqual(new NoInstanceError('the agent was destroyed'));
      expect(await both[0]).toMatchObject({ code: 'ECONNRESET' });
    });
  });

  it('ends a request that its caller ends while the connection is made, and blames nothing', async () => {
    const silent = await startSilent();
    calling([]);
    registry.deploy(byTls);
    registry.online(silent.registration);
    const error = await failureOf({ signal: AbortSignal.timeout(50) });
    expect(error).toMatchObject({ name: 'AbortError', code: 'ABORT_ERR' });
    expect(await failureOf({}, 50)).toMatchObject({ code: 'ECONNRESET' });
    await silent.stop();
  }, 4000);

  it('ends a request that its caller ends while the instances are not known', async () => {
    calling([a], { waitMs: 60_000 });
    registry.trouble = 'unreachable';
    expect(await failureOf({ signal: AbortSignal.timeout(50) })).toMatchObject({ name: 'AbortError' });
  });

  it('sends small writes at once, as every agent does', async () => {
    const setNoDelay = jest.spyOn(Socket.prototype, 'setNoDelay');
    calling([a]);
    await ask();
    expect(setNoDelay.mock.calls).toEqual([[true]]);
    setNoDelay.mockRestore();
  });

  it('says if there is no instance, or none is known', async () => {
    calling([a], { waitMs: 50 });
    await expect(ask('http://none.bender/')).rejects.toThrow('no instance of none is online');
    agent.destroy();
    calling([a], { waitMs: 50 });
    registry.trouble = 'unreachable';
    await expect(ask()).rejects.toThrow('the instances of www are not known after 50 ms');
  });

  it('fails when no instance can be reached', async () => {
    calling([a, b]);
    await Promise.all([a.stop(), b.stop()]);
    await expect(ask()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('discards a response that nothing reads, as every agent does', async () => {
    calling([a]);
    await new Promise<void>((resolve) => get('http://www.bender/', { agent }).on('close', resolve));
    expect(a.asked.length).toBe(1);
  });
});
