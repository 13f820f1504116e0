import { afterEach, expect, it } from '@jest/globals';
import { Client } from '../../../src/client/client.js';
import { type Answerer, FakeDaemon, json } from '../../helpers/fake-daemon.js';

afterEach(() => FakeDaemon.stopAll());

async function something(answer: Answerer): Promise<string> {
  const started = await FakeDaemon.start(answer);
  started.isBender = false;
  return started.url;
}
const page: Answerer = (_, response) =>
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end('<html>');
const stream: Answerer = (_, response) =>
  void response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: {"type":"other"}\n\n');

const others: [string, Answerer, string][] = [
  ['an empty list', json(200, []), 'answers 200, but not as a bender daemon does (JSON of something else)'],
  ['an empty object', json(200, {}), 'answers 200, but not as a bender daemon does (JSON of something else)'],
  ['nothing', json(204), 'answers 204, but not as a bender daemon does (JSON of something else)'],
  ['an error', json(404, { code: 'NOT_FOUND', message: 'm' }), 'answers 404, but not as a bender daemon does'],
  ['a web page', page, 'answers 200, but not as a bender daemon does (a web page)'],
  ['a question for a password', json(401, {}), 'it wants a user name and a password'],
  ['other events', stream, 'answers 200, but not as a bender daemon does'],
];

it.each(others)('%s of something that is no daemon is told as such', async (_, answer, reason) => {
  const client = new Client({ servers: [await something(answer)] });
  const calls = [
    () => client.registrations(),
    () => client.status(),
    () => client.register({ app: 'a', version: '1', host: 'h', port: 1 }),
    () => client.deregister({ app: 'a', version: '1', host: 'h', port: 1 }),
    () => client.events().next(),
  ];
  for (const call of calls)
    await expect(call()).rejects.toMatchObject({
      code: 'UNREACHABLE',
      message: expect.stringContaining(reason) as unknown,
    });
});

it('a path in the URL at which there is no daemon is no "not found"', async () => {
  const daemon = await FakeDaemon.start(
    json(404, { code: 'NOT_FOUND', message: 'there is nothing at /prefix/backends' }),
  );
  await expect(new Client({ servers: [`${daemon.url}/prefix`] }).backends()).rejects.toMatchObject({
    code: 'UNREACHABLE',
  });
});
