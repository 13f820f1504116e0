/** One text for a version means the same wherever it is given. */

import { get } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from '../../../../src/client/client.js';
import { templateData } from '../../../../src/cli/template/data.js';
import { Registry } from '../../../../src/cli/template/known.js';
import { availabilityOf } from '../../../../src/model/availability.js';
import { ApiServer } from '../../../helpers/api-server.js';

let server: ApiServer;
let client: Client;
const online = ['1.2', '1.2.3', '1.2.3+5', '1.3.0', '1.4.0-rc.1', '20241125', 'blue', 'v1.2.9', '1'];

beforeAll(async () => {
  server = await ApiServer.start();
  client = new Client({ servers: [server.url] });
  for (const [index, version] of online.entries())
    await client.register({ app: 'web', version, host: 'h', port: index + 1, ttl: 600_000 });
});
afterAll(() => server.stop());

const versionsIn = (things: readonly { version: string }[]) => things.map(({ version }) => version).sort();

async function snapshot(version?: string) {
  for await (const { event } of client.events({ app: 'web', version })) if (event.type === 'snapshot') return event;
  throw new Error('there was no snapshot');
}

describe('a version', () => {
  it.each([
    ['1.2', ['1.2', '1.2.3', '1.2.3+5', 'v1.2.9']],
    ['1', ['1', '1.2.3', '1.2.3+5', '1.3.0', 'v1.2.9']],
    ['1.2.3', ['1.2.3']],
    ['=1.2.3', ['1.2.3', '1.2.3+5']],
    ['1.2.3+5', ['1.2.3+5']],
    ['20241125', ['20241125']],
    ['blue', ['blue']],
    ['x', ['1.2.3', '1.2.3+5', '1.3.0', 'v1.2.9']],
    ['>=1.2.0 <1.3.0', ['1.2.3', '1.2.3+5', 'v1.2.9']],
    ['1.2.0 - 1.2.5', ['1.2.3', '1.2.3+5']],
    ['none', []],
  ])('%s stands for the same in look-ups, backends, events, templates and availability', async (text, expected) => {
    const name = `b${Math.random()}`;
    const looked = await client.registrations({ app: 'web', version: text });
    expect(versionsIn(looked)).toEqual(expected);
    expect(versionsIn((await snapshot(text)).registrations)).toEqual(expected);
    const backend = await client.createBackend({ name, app: 'web', version: text });
    expect(versionsIn(await client.backendRegistrations(name))).toEqual(expected);
    expect(availabilityOf(backend, server.daemon.available('web')).online).toBe(expected.length);
    const registry = new Registry();
    registry.apply(await snapshot());
    const pool = templateData(registry.known()).backends.find((one) => one.name === name);
    expect(versionsIn(pool!.registrations)).toEqual(expected);
    await client.deleteBackend(name);
  });

  it('is read alike in a query, whether or not its plus is encoded', async () => {
    const [text] = await new Promise<string[]>((resolve) => {
      get(`${server.url}/events?app=web&version=1.2.3+5`, (response) => {
        response.setEncoding('utf8').once('data', (chunk: string) => {
          response.destroy();
          resolve([chunk]);
        });
      });
    });
    expect(text).toContain('web/1.2.3+5/h/3');
  });

  it.each(['a b', ' 1.0', '1.0 ', '>=1  \t<2', 'a/b'])('%j is refused for a backend', async (version) => {
    await expect(client.createBackend({ name: 'no', app: 'web', version })).rejects.toThrow(
      "'version' must be a version or a semver range",
    );
  });

  it.each(['^1', '1.x', '*', '>=1'])('in a split must be exact, not %s', async (version) => {
    const split = { [version]: 90, '2.0.0': 10 };
    await expect(client.createBackend({ name: 'no', app: 'web', split })).rejects.toThrow(
      `'split.${version}' must be exact, not "${version}"`,
    );
  });
});
