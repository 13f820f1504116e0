import { expect, it } from '@jest/globals';
import { FailureBrake } from '../../../../../src/daemon/http/auth/failure-brake.js';
import { loadLimitDefaults } from '../../../../../src/daemon/http/load-limits.js';
import { ApiServer } from '../../../../helpers/api-server.js';
import { bearer, TestSource, testToken } from '../../../../helpers/tokens.js';

const burst = loadLimitDefaults.wrongTokens;

it('lets an address fail so often at once, then once a second, and others as before', () => {
  let now = 0;
  const brake = new FailureBrake(burst, () => now);
  for (let count = 0; count < burst; count++) expect(brake.fail('a')).toBe(0);
  expect(brake.fail('a')).toBe(1);
  expect(brake.fail('b')).toBe(0);
  now = 1000;
  expect([brake.fail('a'), brake.fail('a')]).toEqual([0, 1]);
});

it('remembers a bounded number of addresses', () => {
  const brake = new FailureBrake(burst);
  for (let count = 0; count < 10_100; count++) brake.fail(String(count));
  expect(brake.size).toBe(10_000);
});

it('answers 429 to wrong tokens from such an address, and takes right ones from it', async () => {
  const reader = testToken({ role: 'read' });
  const server = await ApiServer.start({ tokens: new TestSource([reader]) });
  const status = async (token: string) => server.ask('GET', '/status', { headers: bearer(token) });
  for (let count = 0; count < burst; count++) expect((await status('wrong')).status).toBe(401);
  const slowed = await status('wrong');
  expect(slowed).toMatchObject({ status: 429, body: { code: 'TOO_MANY_REQUESTS' } });
  expect(Number(slowed.headers['retry-after'])).toBeGreaterThan(0);
  const { status: taken, body } = await status(reader.token);
  expect([taken, (body as { load: { refused: object } }).load.refused]).toEqual([200, { wrongTokens: 1 }]);
  // Without a token nothing is guessed.
  expect((await server.ask('GET', '/status')).status).toBe(401);
  await server.stop();
});
