import { expect, it } from '@jest/globals';
import { isDebug, levelOf, parseLogLevels } from '../../../src/daemon/log-levels.js';

it.each<[unknown, object]>([
  ['debug', { all: 'debug', parts: {} }],
  ['info,peers=debug', { all: 'info', parts: { peers: 'debug' } }],
  [' warn , leases = trace ,', { all: 'warn', parts: { leases: 'trace' } }],
  ['peers=debug', { all: 'info', parts: { peers: 'debug' } }],
  [['warn', 'peers=debug', 'http=error,peers=silent'], { all: 'warn', parts: { peers: 'silent', http: 'error' } }],
  [['debug', 'warn'], { all: 'warn', parts: {} }],
])('reads %j', (raw, levels) => {
  expect(parseLogLevels(raw)).toEqual(levels);
});

const levels = 'trace, debug, info, warn, error, fatal, silent';
const parts = 'http, peers, membership, documents, leases, events, catalog, lifecycle';

it.each<[unknown, string]>([
  ['verbose', `'verbose' is not a level (${levels})`],
  ['info,peer=debug', `'peer' is not a part (${parts})`],
  ['peers=', `'' is not a level (${levels})`],
  ['=debug', `'' is not a part (${parts})`],
  ['peers=debug=info', `'debug=info' is not a level (${levels})`],
  ['', 'it is empty'],
  [[], 'it is empty'],
  [7, `it is not '7'`],
  [{ peers: 'debug' }, `it is not '{"peers":"debug"}'`],
])('refuses %j and says why', (raw, why) => {
  expect(() => parseLogLevels(raw)).toThrow(
    `must be a level such as info, or levels of parts such as info,peers=debug: ${why}`,
  );
});

it('gives a part without a level of its own that of all', () => {
  const some = parseLogLevels('warn,peers=debug');
  expect([levelOf(some, 'http'), levelOf(some, 'peers')]).toEqual(['warn', 'debug']);
  expect([isDebug(some, 'http'), isDebug(some, 'peers')]).toEqual([false, true]);
  expect(isDebug(parseLogLevels('trace,http=info'), 'http')).toBe(false);
  expect(isDebug(parseLogLevels('trace,http=info'), 'events')).toBe(true);
});
