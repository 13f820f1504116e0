import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ApiServer } from '../../../helpers/api-server.js';

let server: ApiServer;
beforeAll(async () => {
  server = await ApiServer.start();
  await server.ask('POST', '/registrations/web/1.0.0/::1/80');
});
afterAll(() => server.stop());

/** Express takes a slash at the end, the way ahead of it does not: so each of these is asked both ways. */
describe('a hot route answers the same ahead of Express and within it', () => {
  it.each([
    ['GET', '/livez'],
    ['GET', '/registrations'],
    ['GET', '/registrations/web'],
    ['GET', '/registrations/w%65b'],
    ['GET', '/registrations/web/1.x'],
    ['GET', '/registrations/nope'],
    ['PUT', '/registrations/web/1.0.0/::1/80/lease'],
    ['PUT', '/registrations/web/1.0.0/%5B::1%5D/80/lease'],
    ['PUT', '/registrations/web/1.0.0/::2/80/lease'],
    ['PUT', '/registrations/web/1.0.0/::1/70000/lease'],
    ['POST', '/registrations/web/1.0.0/::1/80'],
    ['POST', '/registrations/a%2Fb/1.0.0/::1/80'],
    ['POST', '/registrations/a%0Ab/1.0.0/::1/80'],
    ['POST', '/registrations/%zz/1.0.0/::1/80'],
    ['POST', '/registrations/%2E%2E/1.0.0/::1/80'],
    ['POST', '/renewals'],
  ])('%s %s', async (method, path) => {
    const { headers, ...ahead } = await server.ask(method, path);
    const within = await server.ask(method, `${path}/`);
    expect({ ...ahead, headers: { ...headers, date: '' } }).toEqual({
      ...within,
      headers: { ...within.headers, date: '' },
    });
    expect(await server.ask(method, `${path}?unknown=a&unknown2`)).toMatchObject(ahead);
  });
});

it('leaves the prototypes of requests and responses as they were born', () => {
  const { app, server: http } = server.web;
  const seen = new Promise<object[]>((resolve) => {
    http.prependOnceListener('request', (request, response) =>
      resolve([Object.getPrototypeOf(request) as object, Object.getPrototypeOf(response) as object]),
    );
  });
  return Promise.all([seen, server.ask('GET', '/status')]).then(([[request, response]]) => {
    expect(request).toBe(app.request);
    expect(response).toBe(app.response);
  });
});
