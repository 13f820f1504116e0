import { afterEach, describe, expect, it } from '@jest/globals';
import type { ServerResponse } from 'node:http';
import { Client } from '../../../src/client/client.js';
import { type ConnectionStatus, StatusBoard } from '../../../src/client/connection-status.js';
import { type Answerer, error, FakeDaemon, json } from '../../helpers/fake-daemon.js';
import { settled } from '../../helpers/virtual-timers.js';

const daemon = (answer?: Answerer): Promise<FakeDaemon> => FakeDaemon.start(answer);
afterEach(() => FakeDaemon.stopAll());

/** What has been said so far, in short. */
async function said(statuses: AsyncIterableIterator<ConnectionStatus>): Promise<string[]> {
  const texts: string[] = [];
  for (;;) {
    const next = await Promise.race([statuses.next(), settled()]);
    if (next === undefined || next.done) return texts;
    const { state, server, previous, reason } = next.value;
    texts.push([state, previous && `${previous} ->`, server, reason && `(${reason})`].filter(Boolean).join(' '));
  }
}

describe('the status of a connection', () => {
  it('tells of each change once', async () => {
    const board = new StatusBoard('a');
    const statuses = board.values();
    board.answered('a');
    board.answered('a');
    board.lost('a', 'refused');
    board.lost('a', 'refused');
    board.answered('a');
    board.answered('b', 'refused');
    board.marked('b', { stale: true });
    board.marked('b', { stale: true });
    board.marked('b', {});
    board.marked('b', {});
    board.marked('b', { warming: true });
    expect(await said(statuses)).toEqual([
      'connecting a',
      'connected a',
      'disconnected a (refused)',
      'connected a',
      'moved a -> b (refused)',
      'stale b (it is cut off from most of the other daemons)',
      'fresh b',
      'warming b (it has just started, services may not have shown up yet)',
    ]);
  });

  it('begins with the present, marks included', async () => {
    const board = new StatusBoard('a');
    board.answered('a');
    board.marked('a', { stale: true });
    board.lost('a', 'silent');
    expect((await board.values().next()).value).toEqual({
      ...{ state: 'disconnected', server: 'a', reason: 'silent', stale: true },
    });
  });
});

describe('a client', () => {
  it('says which daemon answers its look-ups', async () => {
    const first = await daemon(json(200, []));
    const second = await daemon(json(200, []));
    const client = new Client({ servers: [first.url, second.url] });
    const statuses = client.connection();
    await client.registrations();
    await client.registrations();
    first.answer = error(503, 'NOT_READY', 'not yet');
    await client.registrations();
    second.answer = (_, response) => {
      response.setHeader('x-bender-stale', 'true');
      json(200, [])(_, response);
    };
    await client.registrations();
    second.answer = error(404, 'NOT_FOUND', 'no such backend');
    await client.backend('web').catch(() => undefined);
    second.answer = error(503, 'NOT_READY', 'not yet');
    await client.registrations().catch(() => undefined);
    expect(await said(statuses)).toEqual([
      `connecting ${first.url}`,
      `connected ${first.url}`,
      `moved ${first.url} -> ${second.url} (not ready: not yet)`,
      `stale ${second.url} (it is cut off from most of the other daemons)`,
      `fresh ${second.url}`,
      `disconnected ${second.url} (not ready: not yet)`,
    ]);
  });

  it('says what becomes of its event streams', async () => {
    const stream = (_: unknown, response: ServerResponse): void => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('id: 1\ndata: {"type":"condition"}\n\n');
      response.end();
    };
    const { url } = await daemon(stream);
    const client = new Client({ servers: [url] });
    const statuses = client.connection();
    let events = 0;
    for await (const _ of client.events(
      {},
      { timers: { now: () => 0, random: () => 0, sleep: async () => undefined } },
    ))
      if (++events === 2) break;
    expect(await said(statuses)).toEqual([
      `connecting ${url}`,
      `connected ${url}`,
      `disconnected ${url} (the daemon ended the stream)`,
      `connected ${url}`,
    ]);
  });

  it('does not call a daemon lost that it leaves because it is cut off', async () => {
    const stale: Answerer = (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'x-bender-stale': 'true' });
      response.write(': idle\n\n');
    };
    const { url } = await daemon(stale);
    const client = new Client({ servers: [url] });
    const statuses = client.connection();
    const stop = new AbortController();
    const options = { trusted: true, signal: stop.signal, onDisconnect: () => stop.abort() };
    for await (const _ of client.events({}, options));
    expect(await said(statuses)).toEqual([
      `connecting ${url}`,
      `stale ${url} (it is cut off from most of the other daemons)`,
    ]);
  });
});
