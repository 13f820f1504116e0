import { afterEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exchange } from '../../../src/client/http.js';
import { Client } from '../../../src/client/client.js';
import { ServerFailure, Servers } from '../../../src/client/servers.js';
import { realTimers, timeoutSignal } from '../../../src/client/timers.js';

/** Time that passes only while something sleeps. */
function virtualTime() {
  let now = 0;
  return {
    now: () => now,
    random: () => 0,
    sleep: (ms: number) => {
      now += ms;
      return Promise.resolve();
    },
  };
}

const busy = (retryAfter?: number) => new ServerFailure('overloaded', retryAfter === undefined ? {} : { retryAfter });

describe('servers that ask for patience', () => {
  it('are left for another one, without waiting', async () => {
    const timers = virtualTime();
    const asked: string[] = [];
    const servers = new Servers(['http://a', 'http://b']);
    const attempt = async (url: string) => {
      asked.push(url);
      if (url === 'http://a') throw busy(1);
      return Promise.resolve(url);
    };
    expect(await servers.first(attempt, { forMs: 5000, timers })).toBe('http://b');
    expect(asked).toEqual(['http://a', 'http://b']);
    expect(timers.now()).toBe(0);
  });

  it('are asked again after what they said, when all of them do', async () => {
    const timers = virtualTime();
    const servers = new Servers(['http://a', 'http://b']);
    const attempt = async (url: string) => {
      if (timers.now() < 2000) throw busy(url === 'http://a' ? 3 : 2);
      return Promise.resolve(url);
    };
    expect(await servers.first(attempt, { forMs: 5000, timers })).toBe('http://a');
    expect(timers.now()).toBe(2000);
  });

  it('are given up when there is no time for another try, or when none has said when', async () => {
    for (const [error, forMs] of [
      [busy(1), 1000],
      [busy(), 5000],
    ] as const) {
      const timers = virtualTime();
      const tried = new Servers(['http://a']).first(() => Promise.reject(error), { forMs, timers });
      await expect(tried).rejects.toThrow('no daemon reachable: tried http://a (overloaded)');
      expect(timers.now()).toBe(0);
    }
  });
});

describe('over HTTP', () => {
  let server: Server;
  afterEach(() => void server.close());

  async function serve(...answers: [status: number, retryAfter: string, body: object][]): Promise<string> {
    server = createServer((_, response) => {
      const [status, retryAfter, body] = answers.length > 1 ? answers.shift()! : answers[0]!;
      response.writeHead(status, { 'retry-after': retryAfter, 'x-bender': '1' }).end(JSON.stringify(body));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  it.each([
    [503, 'OVERLOADED'],
    [429, 'TOO_MANY_REQUESTS'],
    [429, 'QUOTA_EXCEEDED'],
  ])('asks again after a %i', async (status, code) => {
    const url = await serve([status, '0', { code, message: 'later' }], [200, '0', []]);
    expect(await new Client({ servers: [url] }).backends()).toEqual([]);
  });

  it('does not take a timeout beyond what timers can do for none at all', async () => {
    const url = await serve([200, '0', {}]);
    await expect(exchange(url, { method: 'GET', path: '/', timeoutMs: 2 ** 31 + 1000 })).resolves.toMatchObject({
      status: 200,
    });
  });
});

it('waits for longer than a timer can', async () => {
  const stopped = new AbortController();
  let over = false;
  const sleeping = realTimers.sleep(2 ** 31 + 1000, stopped.signal).then(() => (over = true));
  const signal = timeoutSignal(2 ** 31 + 1000);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect([over, signal.aborted]).toEqual([false, false]);
  stopped.abort();
  await sleeping;
});
