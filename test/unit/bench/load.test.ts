import { expect, it } from '@jest/globals';
import { readAnswer, requestText } from '../../../bench/helpers/requests.js';
import { cpuSecondsIn } from '../../../bench/helpers/usage.js';
import { readWrk } from '../../../bench/helpers/wrk.js';

const printed = `Running 2s test @ http://127.0.0.1:4711
  1 threads and 32 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency   714.46us  287.08us   8.05ms   96.30%
  30000 requests in 2.00s, 2.24MB read
Requests/sec:  15000.00
{"requests":30000,"us":2000000,"p50":690,"p99":1500,"refused":3,"broken":1}
`;

it('reads what wrk found', () => {
  expect(readWrk(printed)).toEqual({
    requests: 30_000,
    perSecond: 15_000,
    p50: 0.69,
    p99: 1.5,
    refused: 3,
    broken: 1,
  });
});

it('says so where wrk found nothing', () => {
  expect(() => readWrk('unable to connect')).toThrow('unable to connect');
});

it('reads CPU times behind any process name', () => {
  const stat = '17 (a) b (c)) S 1 17 17 0 -1 4194304 2510 0 0 0 150 25 0 0 20 0 11 0 1000 0 0';
  expect(cpuSecondsIn(stat)).toBe(1.75);
});

it('writes requests with their length in bytes', () => {
  expect(requestText({ method: 'PUT', path: '/x', body: '"ü"' })).toBe(
    'PUT /x HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: 4\r\n\r\n"ü"',
  );
  expect(requestText({ method: 'GET', path: '/x' })).toBe('GET /x HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n');
});

it('reads an answer once it is whole', () => {
  const whole = Buffer.from('HTTP/1.1 201 Created\r\nContent-Length: 4\r\nConnection: close\r\n\r\n"ü"');
  for (let length = 0; length < whole.length; length++) expect(readAnswer(whole.subarray(0, length))).toBeUndefined();
  expect(readAnswer(whole)).toEqual({ status: 201, body: '"ü"', closing: true });
});

it.each([204, 304])('expects no body after a %d', (status) => {
  expect(readAnswer(Buffer.from(`HTTP/1.1 ${status} X\r\nETag: "1"\r\n\r\n`))).toEqual({
    status,
    body: '',
    closing: false,
  });
});

it('refuses an answer of which it cannot know the end', () => {
  expect(() => readAnswer(Buffer.from('HTTP/1.1 200 OK\r\n\r\n'))).toThrow('no known length');
});
