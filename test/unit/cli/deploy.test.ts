import { meaningLine } from '../../../src/cli/deploy.js';
import type { Switched } from '../../../src/cli/replaced.js';
import type { Client } from '../../../src/client/index.js';

/** A client to which these versions are online in every backend. */
const clientOf = (...versions: string[]) =>
  ({
    backendRegistrations: () => Promise.resolve(versions.map((version) => ({ version }))),
  }) as unknown as Client;

const switchedTo = (version: string) => ({ after: { name: 'web', version } }) as Switched;

it.each([
  ['1', ['1.5.0', '1.0.0', '1.5.0'], '1 stands for 1.0.0, 1.5.0 now'],
  ['1', ['1.10.0', '1.9.0', '1.10.0-rc.1'], '1 stands for 1.9.0, 1.10.0-rc.1, 1.10.0 now'],
  ['^2', [], '^2 stands for nothing that is online now'],
  ['1.2.3', ['1.2.3'], undefined],
  ['1', ['1'], undefined],
])('a backend that is switched to %s, with %j online, is told as %j', async (version, online, line) => {
  expect(await meaningLine(clientOf(...online), switchedTo(version))).toBe(line);
});

it('a switch is made, also if it cannot be told what the range stands for', async () => {
  const client = { backendRegistrations: () => Promise.reject(new Error('gone')) };
  expect(await meaningLine(client, switchedTo('^1'))).toBeUndefined();
});
