import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { IncomingMessage } from 'node:http';
import type { Log } from '../../../../src/daemon/core/log.js';
import { errorAnswer } from '../../../../src/daemon/http/errors.js';
import { BenderError } from '../../../../src/model/errors.js';
import { ApiServer } from '../../../helpers/api-server.js';
import { type Line, silentLog, sinkOf } from '../../../helpers/log.js';

let server: ApiServer;
beforeAll(async () => {
  server = await ApiServer.start();
});
afterAll(() => server.stop());

const json = { 'content-type': 'application/json' };

it.each([
  ['GET', '/', 404, 'NOT_FOUND'],
  ['GET', '/nope', 404, 'NOT_FOUND'],
  ['GET', '/registrations/a/b/c', 404, 'NOT_FOUND'],
  ['GET', '/Registrations', 404, 'NOT_FOUND'],
  ['GET', '/registrations//1.0.0', 404, 'NOT_FOUND'],
  ['GET', '/registrations/%zz', 400, 'INVALID'],
  ['POST', '/registrations/a%2Fb/1.0.0/h/80', 400, 'INVALID'],
  ['PUT', '/registrations/%zz/1.0.0/h/80/lease', 400, 'INVALID'],
  ['GET', '/events?type=nope', 400, 'INVALID'],
])('%s %s is answered with %d %s', async (method, path, status, code) => {
  const answer = await server.ask(method, path);
  expect(answer).toMatchObject({ status, body: { code, message: expect.stringMatching(/./) } });
});

it.each([
  ['PATCH', '/registrations', 'GET, HEAD, POST'],
  ['GET', '/renewals', 'POST'],
  ['POST', '/registrations/a/1/h/80/lease', 'PUT'],
])('%s %s is answered with 405 and what is allowed', async (method, path, allow) => {
  const answer = await server.ask(method, path);
  expect(answer).toMatchObject({ status: 405, headers: { allow }, body: { code: 'METHOD_NOT_ALLOWED' } });
});

it.each([
  ['a path', 'GET', `/${'x'.repeat(8000)}`, {}, ''],
  ['a type', 'POST', '/backends', { 'content-type': 'y'.repeat(8000) }, '{}'],
])('repeats no more of %s than is needed', async (_, method, path, headers, body) => {
  const answer = await server.ask(method, path, { headers, body });
  expect((answer.body as { message: string }).message.length).toBeLessThan(300);
});

describe('a body', () => {
  it('that is nested too deeply is INVALID', async () => {
    const deep = '['.repeat(15_000) + ']'.repeat(15_000);
    expect(await server.ask('POST', '/registrations', { headers: json, body: deep })).toMatchObject({
      status: 400,
      body: { code: 'INVALID', message: 'the body is nested too deeply' },
    });
  });

  it('that has more values than anybody needs is INVALID, and is not parsed', async () => {
    const parse = jest.spyOn(JSON, 'parse');
    const body = `{"ids":[${'1,'.repeat(900_000)}1]}`;
    const json = { 'content-type': 'application/json' };
    const answer = await server.ask('POST', '/renewals', { headers: json, body });
    expect(answer).toMatchObject({
      status: 400,
      body: { code: 'INVALID', message: 'the body has more than 60,000 values' },
    });
    expect(parse.mock.calls.filter(([text]) => text === body)).toEqual([]);
    parse.mockRestore();
  });

  it('has room for the most renewals that may be asked for, with their instances', async () => {
    const ids = Array.from({ length: 10_000 }, (_, index) => ({ id: `a/1/h/${index + 1}`, instance: 'one' }));
    expect(await server.ask('POST', '/renewals', { body: { ids } })).toMatchObject({ status: 200 });
  });

  it('may have many separators in its texts', async () => {
    const ids = Array.from({ length: 10_000 }, (_, index) => `a,b:[{"\\,,,/1/h/${index + 1}`);
    expect(await server.ask('POST', '/renewals', { body: { ids } })).toMatchObject({
      status: 200,
      body: { renewed: 0, unknown: ids },
    });
  });

  it('that is no JSON is INVALID', async () => {
    const answer = await server.ask('POST', '/backends', { headers: json, body: '{"name":' });
    expect(answer).toMatchObject({ status: 400, body: { code: 'INVALID' } });
  });

  it('that is not UTF-8 is INVALID', async () => {
    const latin1 = { ...json, 'content-length': '3' };
    const answer = await server.ask('POST', '/backends', {
      headers: latin1,
      body: '"\ud800"'.slice(0, 1) + 'ÿ',
    });
    expect(answer).toMatchObject({ status: 400, body: { code: 'INVALID' } });
  });

  it.each([
    [{ 'content-type': 'text/plain' }],
    [{ 'content-type': 'application/x-www-form-urlencoded' }],
    [{ 'content-type': 'application/json; charset=latin1' }],
    [{ ...json, 'content-encoding': 'gzip' }],
    [{}],
  ])('with %j is UNSUPPORTED_MEDIA_TYPE', async (headers) => {
    const answer = await server.ask('POST', '/backends', { headers, body: '{}' });
    expect(answer).toMatchObject({ status: 415, body: { code: 'UNSUPPORTED_MEDIA_TYPE' } });
  });

  it.each([['application/json; charset=UTF-8'], ['application/vnd.bender+json']])(
    'of type %s is read',
    async (type) => {
      const options = { headers: { 'content-type': type }, body: '{}' };
      expect(await server.ask('POST', '/registrations/typed/1.0.0/h/80', options)).toMatchObject({
        status: 200,
      });
    },
  );

  it('may be absent in chunks, too', async () => {
    const headers = { 'transfer-encoding': 'chunked' };
    expect(await server.ask('POST', '/registrations/chunks/1.0.0/h/80', { headers })).toMatchObject({
      status: 200,
    });
  });

  it.each([{}, { 'transfer-encoding': 'chunked' }])('above the limit is TOO_LARGE, sent with %j', async (headers) => {
    const body = JSON.stringify({ ids: ['x'.repeat(3_000_000)] });
    const answer = await server.ask('POST', '/renewals', { headers: { ...json, ...headers }, body });
    expect(answer).toMatchObject({ status: 413, body: { code: 'TOO_LARGE' } });
  });
});

it('keeps a bug to itself, and logs it once', async () => {
  const status = jest.spyOn(server.daemon, 'status').mockImplementation(() => {
    throw new Error('secret');
  });
  const answer = await server.ask('GET', '/status');
  status.mockRestore();
  expect(answer).toMatchObject({ status: 500, body: { code: 'INTERNAL' } });
  expect(JSON.stringify(answer.body)).not.toContain('secret');
  expect(server.logged.filter(({ level }) => level === 'error')).toHaveLength(1);
});

it('answers 500 to whom it cannot put an answer into bytes for, and what is asked in the same turn as ever', async () => {
  const broken = jest.spyOn(server.daemon, 'daemons').mockReturnValue([{ held: 1n } as never]);
  try {
    const asked = [1, 2, 3].map((turn) => server.ask('GET', turn === 2 ? '/daemons' : '/livez'));
    expect((await Promise.all(asked)).map(({ status }) => status)).toEqual([200, 500, 200]);
  } finally {
    broken.mockRestore();
  }
});

it('gives a code that only a newer peer knows the status 500', () => {
  const error = new BenderError('OF_TOMORROW' as 'INTERNAL', 'as told');
  expect(errorAnswer(error, silentLog)).toMatchObject({
    status: 500,
    body: { code: 'OF_TOMORROW', message: 'as told' },
  });
});

it('answers an expectation that it does not meet with a body, too', async () => {
  const answer = await server.ask('POST', '/registrations/e/1/10.0.0.1/80', {
    headers: { expect: '200-ok' },
  });
  expect(answer).toMatchObject({
    status: 417,
    body: { code: 'INVALID', message: "'Expect' must be '100-continue'" },
  });
});

describe('the log', () => {
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

  it.each([
    [traceparent, traceparent],
    ['00-00000000000000000000000000000000-b7ad6b7169203331-01', undefined],
    ['hello\u001b[2J', undefined],
  ])('names what was refused, with its trace: %j', (given, logged) => {
    const lines: Line[] = [];
    const request = { method: 'GET', url: '/x', headers: { traceparent: given } } as unknown as IncomingMessage;
    errorAnswer(new BenderError('NOT_FOUND', 'as told'), sinkOfLines(lines), request);
    expect(lines.map(({ level, message, fields }) => ({ level, message, fields: { ...fields } }))).toEqual([
      {
        level: 'debug',
        message: 'refused a request',
        fields: { method: 'GET', path: '/x', status: 404, code: 'NOT_FOUND', traceparent: logged },
      },
    ]);
  });

  it('has the trace of a request that failed by a bug', () => {
    const lines: Line[] = [];
    const request = { method: 'GET', url: '/x', headers: { traceparent } } as unknown as IncomingMessage;
    errorAnswer(new Error('a bug'), sinkOfLines(lines), request);
    expect(lines.at(-1)).toMatchObject({ level: 'error', fields: { traceparent } });
  });
});

const sinkOfLines = (lines: Line[]): Log => ({ ...sinkOf((line) => void lines.push(line)), resolve: () => undefined });
