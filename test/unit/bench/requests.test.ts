import { expect, it } from '@jest/globals';
import { readAnswer } from '../../../bench/helpers/requests.js';

const chunked =
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n4\r\nabc\r\r\nA\r\n0123456789\r\n0\r\n\r\n';

it('puts the pieces of a body together', () => {
  expect(readAnswer(Buffer.from(chunked))).toEqual({ status: 200, body: 'abc\r0123456789', closing: true });
});

it('waits for what is missing of a body in pieces, wherever it was cut', () => {
  for (let length = 0; length < chunked.length; length++)
    expect(readAnswer(Buffer.from(chunked.slice(0, length)))).toBeUndefined();
});

it('takes no pieces for an empty body', () => {
  const text = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n';
  expect(readAnswer(Buffer.from(text))).toMatchObject({ status: 200, body: '' });
});
