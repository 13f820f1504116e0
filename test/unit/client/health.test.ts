import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { probeOf, runChecks } from '../../../src/client/health.js';
import { InvalidError } from '../../../src/model/errors.js';
import { VirtualTimers } from '../../helpers/virtual-timers.js';

describe('the checks', () => {
  /** Checks that fail or pass as `results` says (a text fails), and what was reported when. */
  async function reportsOf(results: (string | null)[], options = {}) {
    const timers = new VirtualTimers();
    const over = new AbortController();
    const reports: string[] = [];
    const rest = [...results];
    const running = runChecks(
      async () => {
        const result = rest.shift() ?? null;
        if (result !== null) throw new Error(result);
      },
      options,
      (unhealthy) => reports.push(`${timers.now()} ${unhealthy}`),
      timers,
      over.signal,
    );
    await timers.advance(2000 * results.length + 500);
    over.abort();
    await running;
    return reports;
  }

  it('report what failed three times in a row, and the first pass after that', async () => {
    expect(await reportsOf(['a', 'b', null, 'c', 'd', 'e', 'f', null, null])).toEqual(['12000 e', '16000 null']);
  });

  it('report what a function of the program throws before it returns a promise', async () => {
    const timers = new VirtualTimers();
    const over = new AbortController();
    const reports: (string | null)[] = [];
    const throws = (): Promise<void> => {
      throw new Error('at once');
    };
    const running = runChecks(throws, { fails: 2 }, (text) => reports.push(text), timers, over.signal);
    await timers.advance(4000);
    over.abort();
    await running;
    expect(reports).toEqual(['at once']);
  });

  it('count as they are told to', async () => {
    expect(await reportsOf(['a', null, 'b', null, null], { fails: 1, passes: 2 })).toEqual(['2000 a', '10000 null']);
  });

  it('fail when they take too long, and are one at a time', async () => {
    const timers = new VirtualTimers();
    const over = new AbortController();
    const reports: (string | null)[] = [];
    let most = 0;
    let now = 0;
    const hangs = (signal: AbortSignal) =>
      new Promise<void>((_, reject) => {
        most = Math.max(most, ++now);
        signal.addEventListener('abort', () => {
          now--;
          reject(new Error('aborted'));
        });
      });
    void runChecks(hangs, { fails: 1 }, (text) => reports.push(text), timers, over.signal);
    await timers.advance(20_000);
    over.abort();
    expect(reports).toEqual(['no answer within 1000 ms']);
    expect(most).toBe(1);
  });

  it('say one line that a daemon takes', async () => {
    expect(await reportsOf([`two\nlines \u001b[31m${'x'.repeat(400)}`], { fails: 1 })).toEqual([
      `2000 ${`two lines  [31m${'x'.repeat(400)}`.slice(0, 256)}`,
    ]);
  });
});

describe('a probe', () => {
  let server: Server;
  let where: { host: string; port: number };
  beforeAll(async () => {
    server = createServer((request, response) => {
      response.statusCode = Number(request.url!.slice(1)) || 200;
      response.end();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    where = { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
  });
  afterAll(() => {
    server.close();
  });
  const ask = (check: string, at = where) => probeOf(check, at)(new AbortController().signal);

  it.each(['tcp', 'http:/', 'http:/204', 'http:/302', 'exec:true'])('%s passes', async (check) => {
    await expect(ask(check)).resolves.toBeUndefined();
  });

  it.each([
    ['http:/404', /: 404$/],
    ['http:/500', /: 500$/],
    ['exec:echo full >&2; exit 3', /^exit code 3: full$/],
    ['exec:kill -9 $$', /^ended by SIGKILL$/],
  ])('%s fails', async (check, what) => {
    await expect(ask(check)).rejects.toThrow(what);
  });

  it('says what is wrong with a connection', async () => {
    const nowhere = { host: '127.0.0.1', port: 1 };
    await expect(ask('tcp', nowhere)).rejects.toThrow('tcp 127.0.0.1:1: ECONNREFUSED');
    await expect(ask('http:/', nowhere)).rejects.toThrow('http://127.0.0.1:1/: ECONNREFUSED');
  });

  it.each(['', 'udp', 'exec:', 'http://', 'tcp:80'])('%j is none', (check) => {
    expect(() => probeOf(check, where)).toThrow(InvalidError);
  });
});
