import { expect, it } from '@jest/globals';
import { withoutCredentials, withoutSecrets } from '../../../src/model/secrets.js';
import { makeToken } from '../../../src/model/token-digest.js';

it('masks passwords in URLs, and tokens, also cut ones', () => {
  const { token, id } = makeToken();
  expect(withoutCredentials(`http://u:p@h/ and ${token}, ${token.slice(0, 20)}!`)).toBe(
    `http://***@h/ and bender_${id}_***, bender_${id}_***!`,
  );
  expect(withoutCredentials('bender_peers')).toBe('bender_peers');
});

it('leaves secrets out of the environment of programs', () => {
  expect(
    withoutSecrets({
      BENDER_TOKEN: 't',
      BENDER_TOKEN_FILE: '/f',
      BENDER_SERVER: 'http://u:p@a:1,https://b:2',
      BENDER_PEER: 'http://t@a',
      PATH: '/bin',
    }),
  ).toEqual({
    BENDER_TOKEN_FILE: '/f',
    BENDER_SERVER: 'http://a:1,https://b:2',
    BENDER_PEER: 'http://a',
    PATH: '/bin',
  });
});
