/** Both examples are taken by their proxies, whatever valid names and hosts there are. */

import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { execa } from 'execa';
import * as fc from 'fast-check';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { templateData } from '../../../src/cli/template/data.js';
import { engineFor } from '../../../src/cli/template/engine.js';
import { formatId, type Registration } from '../../../src/model/registration.js';
import { check } from '../../../src/model/validate.js';

const examples = join(import.meta.dirname, '../../../examples');
const env = { PATH: `${process.env.PATH}:/usr/sbin`, HAPROXY_SOCKET: '/tmp/unused.sock' };

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bender-names-'));
  await mkdir(join(folder, 'nginx'));
});
afterAll(() => rm(folder, { recursive: true }));

const isValid = (name: string): boolean => {
  try {
    return check('frontend', { name }).name === name;
  } catch {
    return false;
  }
};
const awkward = [
  'web:1',
  'web-1',
  '東京',
  '大阪',
  '"q"',
  '#x',
  '$HOME',
  '{web}',
  '-m',
  "it's",
  'a;b',
  '\\',
  '%',
  '~',
  '*',
];
const special = [
  'default',
  'hostnames',
  'include',
  'volatile',
  'http',
  'if',
  'unless',
  'WWW',
  'www',
  '_',
  'x'.repeat(128),
];
const name = fc
  .oneof(
    fc.constantFrom(...awkward, ...special),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
    fc.stringMatching(/^[!-~]{1,30}$/),
  )
  .filter(isValid);
const host = fc.oneof(
  fc.constantFrom(
    '10.0.0.1',
    '::1',
    'fe80::1',
    'fe80--1',
    '2001:db8::5',
    'no-such-host.invalid',
    '3f2a9c81d0e7',
    'my_svc',
    'localhost',
  ),
  fc.ipV4().filter((address) => !/^(0|22[4-9]|23\d)\./.test(address) && address !== '255.255.255.255'),
);
const registration = fc
  .record({ app: name, version: name, host, port: fc.integer({ min: 1, max: 65535 }) })
  .map((address): Registration => ({
    ...{ resource: 'Registration', ...address, id: formatId(address) },
    ...{ ttl: 4000, meta: {}, draining: false, registered: 0 },
  }));
const catalog = fc.record({
  names: fc.uniqueArray(name, { minLength: 1, maxLength: 8 }),
  registrations: fc.uniqueArray(registration, { maxLength: 8, selector: ({ id }) => id }),
  weight: fc.constantFrom(0, 1, 256),
});

async function accepts(proxy: 'haproxy' | 'nginx', text: string): Promise<string | undefined> {
  const file = join(folder, proxy === 'haproxy' ? 'haproxy.cfg' : 'nginx/bender.conf');
  await writeFile(file, text);
  if (proxy === 'nginx')
    await writeFile(
      join(folder, 'nginx/nginx.conf'),
      'pid nginx.pid; events {} http { access_log off; include bender.conf; server { listen 127.0.0.1:1; location / { proxy_pass http://$bender_backend; } } }',
    );
  const args =
    proxy === 'haproxy'
      ? ['-c', '-f', file]
      : ['-t', '-p', join(folder, 'nginx'), '-c', 'nginx.conf', '-e', 'stderr'];
  const { exitCode, all } = await execa(proxy, args, { reject: false, all: true, env });
  return exitCode === 0 ? undefined : all;
}

it.each([
  ['haproxy', 'haproxy/haproxy.cfg.liquid'],
  ['nginx', 'nginx/bender.conf.liquid'],
] as const)('%s', async (proxy, template) => {
  const engine = engineFor(join(examples, template));
  await fc.assert(
    fc.asyncProperty(catalog, async ({ names, registrations, weight }) => {
      const backends = names.map((each) => ({
        ...{ resource: 'Backend' as const, name: each, app: 'a', version: '1' },
        registrations: registrations.map((one) => ({ ...one, weight })),
      }));
      const frontends = names.map((each, index) => ({
        ...{ resource: 'Frontend' as const, name: each, backend: names[(index + 1) % names.length]! },
      }));
      const text = await engine.render(templateData({ frontends, backends, registrations, daemons: [] }));
      const refusal = await accepts(proxy, text);
      if (refusal !== undefined) throw new Error(`${refusal}\n${text}`);
    }),
    {
      numRuns: 25,
      endOnFailure: true,
      examples: [[{ names: [...awkward, ...special].filter(isValid), registrations: [], weight: 1 }]],
    },
  );
});

it('refuses none of the awkward names before it comes to that', () => {
  expect([...awkward, ...special].filter((each) => !isValid(each))).toEqual([]);
});
