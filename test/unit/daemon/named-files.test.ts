import { expect, it } from '@jest/globals';
import { checkSettings } from '../../../src/daemon/named-files.js';
import { readSettings } from '../../../src/daemon/setting-sources.js';

const check = (flags: Record<string, string>) =>
  checkSettings(readSettings({ flags: { 'log-level': 'error', ...flags }, environment: {} }));

it.each<[string, Record<string, string>, RegExp | undefined]>([
  ['the defaults', {}, undefined],
  ['an open daemon', { host: '0.0.0.0' }, /every program that reaches 0\.0\.0\.0/],
  ['tokens that are not there', { tokens: '/nonexistent' }, /tokens file \/nonexistent cannot be read/],
  ['a certificate that is not there', { 'tls-cert': '/nonexistent', 'tls-key': '/nonexistent' }, /nonexistent/],
])('says whether a daemon would start with %s', async (_, flags, reason) => {
  if (reason) await expect(check(flags)).rejects.toThrow(reason);
  else await check(flags);
});
