/** Both examples are taken by their proxies, whatever valid names and hosts there are. */

import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { execa } from 'execa';
import * as fc from 'fast-check';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { templateData } from '../../../src/cli/template/data.js';
import { engineFor } from '../../../src/cli/template/engine.js';
import type { Known } from '../../../src/cli/template/known.js';
import { slug } from '../../../src/cli/template/slug.js';
import { formatId } from '../../../src/model/registration.js';
import { check } from '../../../src/model/validate.js';
import type { Weighted } from '../../../src/model/weights.js';

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
/** A host as the daemon keeps it; undefined if it is refused. */
function hostIn(text: string): string | undefined {
  try {
    return check('address', { app: 'a', version: '1', host: text, port: 1 }).host;
  } catch {
    return undefined;
  }
}
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
  '@',
  '%[src]',
  'é',
  '..a',
];
const special = [
  'default',
  'defaults',
  'global',
  'backend',
  'frontend',
  'listen',
  'server',
  'none',
  'unix',
  'localhost',
  '8080',
  '127.0.0.1',
  '__proto__',
  'www.',
  'www.example.com',
  'WWW.example.com',
  'a..b',
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
const simple = fc
  .oneof(
    fc.constantFrom(...awkward, ...special),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
    fc.stringMatching(/^[!-~]{1,30}$/),
    fc.stringMatching(/^[A-Za-z0-9_.:-]{1,128}$/),
  )
  .filter(isValid);
const all = [...awkward, ...special].filter(isValid);
// What another name is made into is a valid name itself.
const name = fc.oneof({ weight: 3, arbitrary: simple }, simple.map(slug));
const label = fc.stringMatching(/^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/);
const host = fc
  .oneof(
    fc.constantFrom(
      '10.0.0.1',
      '::1',
      'fe80::1',
      'fe80--1',
      '2001:db8::5',
      'no-such-host.invalid',
      '3f2a9c81d0e7',
      'my_svc',
      '_svc',
      'localhost',
      'unix',
      'db.example.',
      'x'.repeat(63),
      `${'x.'.repeat(126)}x`,
    ),
    fc.ipV4(),
    fc.ipV6(),
    fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => `${labels.join('.')}.invalid`),
  )
  .map(hostIn)
  .filter((each) => each !== undefined);
const registration = fc
  .record({
    address: fc.record({ app: name, version: name, host, port: fc.integer({ min: 1, max: 65535 }) }),
    weight: fc.constantFrom(0, 1, 256),
    draining: fc.boolean(),
  })
  .map(({ address, weight, draining }): Weighted => ({
    ...{ resource: 'Registration', ...address, id: formatId(address) },
    ...{ ttl: 4000, meta: {}, draining, registered: 0, weight: draining ? 0 : weight },
  }));
const names = fc.uniqueArray(name, { maxLength: 8 });
const catalog = fc.record({
  backends: names,
  frontends: names,
  /** Which backend each frontend serves; beyond them: one that does not exist, or none. */
  served: fc.array(fc.nat(10), { minLength: 8, maxLength: 8 }),
  registrations: fc.uniqueArray(registration, { maxLength: 8, selector: ({ id }) => id }),
});

type CatalogCase = typeof catalog extends fc.Arbitrary<infer T> ? T : never;

/** What is known of such a catalog. */
function knownOf({ backends, frontends, served, registrations }: CatalogCase): Known {
  return {
    backends: backends.map((each, index) => ({
      ...{ resource: 'Backend' as const, name: each, app: 'a', version: '1' },
      // Looking up names takes time: once is enough.
      registrations: index === 0 ? registrations : [],
    })),
    frontends: frontends.map((each, index) => {
      const at = served[index] ?? index;
      const backend = at > 9 ? 'no-such-backend' : backends[at];
      return { resource: 'Frontend' as const, name: each, ...(backend !== undefined && { backend }) };
    }),
    registrations,
    daemons: [],
  };
}

async function accepts(proxy: 'haproxy' | 'nginx', text: string): Promise<string | undefined> {
  const file = join(folder, proxy === 'haproxy' ? 'haproxy.cfg' : 'nginx/bender.conf');
  await writeFile(file, text);
  if (proxy === 'nginx')
    await writeFile(
      join(folder, 'nginx/nginx.conf'),
      'pid nginx.pid; events {} http { access_log off; include bender.conf; server { listen 127.0.0.1:1; location / { proxy_pass http://$bender_backend; } } }',
    );
  const args =
    proxy === 'haproxy' ? ['-c', '-f', file] : ['-t', '-p', join(folder, 'nginx'), '-c', 'nginx.conf', '-e', 'stderr'];
  const { exitCode, all } = await execa(proxy, args, { reject: false, all: true, env });
  return exitCode === 0 ? undefined : all;
}

it.each([
  ['haproxy', 'haproxy/haproxy.cfg.liquid'],
  ['nginx', 'nginx/bender.conf.liquid'],
] as const)('%s', async (proxy, template) => {
  const engine = engineFor(join(examples, template));
  await fc.assert(
    fc.asyncProperty(catalog, async (one) => {
      const text = await engine.render(templateData(knownOf(one)));
      const refusal = await accepts(proxy, text);
      if (refusal !== undefined) throw new Error(`${refusal}\n${text}`);
    }),
    {
      numRuns: Number(process.env.NAMES_RUNS ?? 25),
      endOnFailure: true,
      interruptAfterTimeLimit: 45_000,
      examples: [[{ backends: all, frontends: all, served: [], registrations: [] }]],
    },
  );
});

it('refuses none of the awkward names before it comes to that', () => {
  expect([...awkward, ...special].filter((each) => !isValid(each))).toEqual([]);
});
