import { expect, it } from '@jest/globals';
import { isExposed, requireProtection } from '../../../src/daemon/exposure.js';

const tokens = 'tokens.jsonl';
const open = { tokens: undefined, insecure: false };

it.each(['127.0.0.1', '127.9.9.9', '::1', 'localhost'])('lets a daemon listen on %s', (host) => {
  expect(() => requireProtection({ host, ...open })).not.toThrow();
  expect(isExposed({ host, tokens: undefined })).toBe(false);
});

it.each(['0.0.0.0', '::', '10.0.0.5', 'fe80::1', 'bender.example.com'])(
  'lets none listen on %s without a decision',
  (host) => {
    expect(() => requireProtection({ host, ...open })).toThrow(/--tokens FILE.*127\.0\.0\.1.*--insecure/);
    expect(() => requireProtection({ host, ...open, insecure: true })).not.toThrow();
    expect(() => requireProtection({ host, ...open, tokens })).not.toThrow();
    expect([isExposed({ host, tokens: undefined }), isExposed({ host, tokens })]).toEqual([true, false]);
  },
);
