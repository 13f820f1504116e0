import { expect, it } from '@jest/globals';
import { isBaseUrl } from '../../../src/model/base-url.js';

it.each(['http://10.0.0.1:1729', 'https://bender.example', 'http://[::1]:1729', 'http://h:80'])('takes %s', (url) => {
  expect(isBaseUrl(url)).toBe(true);
});

it.each([
  'http://10.0.0.1:1729/',
  'http://10.0.0.1:1729/admin?delete=all',
  'http://user:secret@10.0.0.1:1729',
  'http://10.0.0.1:1729#x',
  ' http://h:1',
  'http://h:1\n',
  'ht\ntp://h:1',
  'http:\\\\h:1',
  'http://@h:1',
  'http:h:1',
  'HTTP://H:1',
  'http://h:1/x/..',
  'http://0x7f.1:1',
  'http://h:1\u0000',
  'ftp://10.0.0.1',
  'file:///etc/passwd',
  '10.0.0.1:1729',
  'http://',
  '',
])('refuses %j', (url) => {
  expect(isBaseUrl(url)).toBe(false);
});
