import { afterEach, describe, expect, it } from '@jest/globals';
import { Client } from '../../../src/client/client.js';
import { probeOf } from '../../../src/client/health.js';
import { AccessError } from '../../../src/model/errors.js';
import { makeToken } from '../../../src/model/token-digest.js';
import { FakeDaemon, json } from '../../helpers/fake-daemon.js';

afterEach(() => FakeDaemon.stopAll());

const daemon = (answer = json(200, [])): Promise<FakeDaemon> => FakeDaemon.start(answer);
const withPassword = (url: string) => url.replace('//', '//us%40er:s3%3Acret@');
const basic = `Basic ${Buffer.from('us@er:s3:cret').toString('base64')}`;

describe('a user name and password in the URL of a server', () => {
  it('are sent with every request', async () => {
    const { url, asked } = await daemon();
    const client = new Client({ servers: [withPassword(url)] });
    await client.backends();
    await client.createBackend({ name: 'b', app: 'a', version: '1' });
    const events = client.events()[Symbol.asyncIterator]();
    await events.next().catch(() => undefined);
    expect(asked.map(({ headers }) => headers.authorization)).toEqual([basic, basic, basic]);
  });

  it('go to that server alone', async () => {
    const [first, second] = [await daemon(json(503, { code: 'NOT_READY', message: 'm' })), await daemon()];
    await new Client({ servers: [withPassword(first.url), second.url] }).backends();
    expect(second.asked[0]!.headers.authorization).toBeUndefined();
  });

  it('are shown nowhere', async () => {
    const { url } = await daemon(json(401, {}));
    const client = new Client({ servers: [withPassword(url)] });
    expect(client.servers.urls).toEqual([url]);
    const failure = await client.backends().catch((error: Error) => error.message);
    expect(failure).toContain(url);
    expect(failure).not.toMatch(/s3|cret|us%40er/);
  });

  it.each(['http://a%zz:b@host', 'http://a%3ab:c@host'])('are refused if they cannot be sent: %s', (url) => {
    expect(() => new Client({ servers: [url] })).toThrow(expect.objectContaining({ code: 'INVALID' }));
  });
});

it('a health check sends those of its URL, and does not show them', async () => {
  const { url, asked } = await daemon(json(403, {}));
  const probe = probeOf(`${withPassword(url)}/health`, { host: 'h', port: 1 });
  const failure = await probe(new AbortController().signal).catch((error: Error) => error.message);
  expect(asked[0]!.headers.authorization).toBe(basic);
  expect(failure).toContain('403');
  expect(failure).not.toMatch(/s3|cret/);
});

describe('a token', () => {
  const { token } = makeToken();

  it('is sent with every request, as it is at that time', async () => {
    const { url, asked } = await daemon();
    let now = token;
    const client = new Client({ servers: [url], token: () => Promise.resolve(now) });
    await client.backends();
    now = makeToken().token;
    const events = client.events()[Symbol.asyncIterator]();
    await events.next().catch(() => undefined);
    expect(asked.map(({ headers }) => headers.authorization)).toEqual([`Bearer ${token}`, `Bearer ${now}`]);
  });

  it('is not sent to a server whose URL has a user name or password', async () => {
    const [first, second] = [await daemon(json(503, { code: 'NOT_READY', message: 'm' })), await daemon()];
    await new Client({ servers: [withPassword(first.url), second.url], token }).backends();
    expect(first.asked[0]!.headers.authorization).toBe(basic);
    expect(second.asked[0]!.headers.authorization).toBe(`Bearer ${token}`);
  });

  it('that is none is refused, and not shown', async () => {
    const { url, asked } = await daemon();
    const failure = await new Client({ servers: [url], token: 'hunter2' }).backends().catch(String);
    expect(failure).toMatch(/the token must be one as/);
    expect(failure).not.toMatch(/hunter2/);
    expect(asked).toEqual([]);
  });

  it('that is refused is an error with the role that is needed', async () => {
    const refusal = { code: 'NEEDS_DEPLOY', message: 'm', role: 'deploy' };
    const { url } = await daemon(json(403, refusal));
    const failure = await new Client({ servers: [url], token }).backends().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(AccessError);
    expect(failure).toMatchObject(refusal);
  });
});
