import { expect, it } from '@jest/globals';
import { refusalOf } from '../../../src/model/whoami.js';

const some = { role: 'deploy', name: 'ci', apps: ['web-*'], tokens: true } as const;

it.each([
  [{ role: 'admin', tokens: false } as const, 'deploy', 'web', undefined],
  [{ role: 'admin', tokens: false } as const, 'deploy', undefined, undefined],
  [{ role: 'read', tokens: true } as const, 'deploy', 'web', "This needs a token with the role 'deploy'."],
  [{ role: 'read', tokens: true } as const, 'drain', 'web', "This needs a token with the role 'write' or 'deploy'."],
  [
    { role: 'write', name: 'ci', tokens: true } as const,
    'deploy',
    'web',
    "This needs the role 'deploy': the token 'ci' has the role 'write'.",
  ],
  [{ role: 'write', name: 'ci', tokens: true } as const, 'drain', 'web', undefined],
  [some, 'deploy', 'web-shop', undefined],
  [some, 'drain', 'api', "The token 'ci' is for the apps web-*, not for the app 'api'."],
  [some, 'deploy', undefined, "The token 'ci' is for the apps web-*, not for what belongs to no app."],
] as const)('%j may %s %s', (who, need, app, refusal) => {
  expect(refusalOf(who, need, app)).toBe(refusal);
});
