/** The traffic of tests is checked: what the description of the API does not say is found. */

import { expect, it } from '@jest/globals';
import { undescribed } from '../../helpers/described.js';
import type { Exchange } from '../../helpers/record-traffic.js';

const asked = (method: string, url: string, rest: Partial<Exchange> = {}): string | undefined =>
  undescribed({
    ...{ method, url, requestHeaders: {}, status: 200, body: '[]' },
    headers: { 'x-bender': '1', 'content-type': 'application/json' },
    ...rest,
  });

it('takes what is described', () => {
  expect(asked('GET', '/registrations?state=online&meta.zone=eu-1&meta.rack.row=3')).toBeUndefined();
  expect(asked('GET', '/leases?registration=web/1/h/80&registration=web/1/h/81')).toBeUndefined();
  expect(asked('GET', '/history?limit=10')).toBeUndefined();
  const watched = { headers: { 'x-bender': '1', 'content-type': 'text/event-stream' }, body: ': idle' };
  expect(asked('GET', '/events?type=online,offline&type=updated', watched)).toBeUndefined();
});

it.each([
  ['GET', '/registrations?zone=eu-1', 'the parameter zone of the request is not described'],
  ['POST', '/drain-rules?least=1', 'the parameter least of the request is not described'],
  ['GET', '/registrations?meta.=eu-1', 'the parameter meta of the request is not as described'],
  ['GET', '/leases', 'the parameter registration of the request is not as described'],
  ['GET', '/leases?registration=web', 'the parameter registration of the request is not as described'],
  ['GET', '/history?limit=0', 'the parameter limit of the request is not as described'],
  ['GET', '/events?type=online,gone', 'the parameter type of the request is not as described'],
])('finds %s %s', (method, url, problem) => {
  const body = method === 'POST' ? { status: 201, body: '{"resource":"DrainRule","name":"a","app":"a"}' } : {};
  const events = url.startsWith('/events')
    ? { headers: { 'x-bender': '1', 'content-type': 'text/event-stream' }, body: ': idle' }
    : {};
  expect(asked(method, url, { ...body, ...events })).toContain(problem);
});

it('lets tests make up parameters that begin with unknown', () => {
  expect(asked('GET', '/registrations?unknown=1')).toBeUndefined();
});
