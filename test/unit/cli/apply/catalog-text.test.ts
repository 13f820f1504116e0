import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { formatCatalog, plain, readCatalog } from '../../../../src/cli/apply/catalog-text.js';
import type { Frontend } from '../../../../src/model/catalog.js';
import { isName } from '../../../../src/model/validate.js';

it('takes a version for the text that stands there, not for a number', () => {
  const text = `
backends:
  - name: web
    app: web
    version: 1.10
  - { name: api, app: api, split: { 1.0: 90, 2.10: 10 } }
frontends:
  - name: www
    backend: null
`;
  expect(readCatalog(text, 'f')).toEqual({
    backends: [
      { name: 'web', app: 'web', version: '1.10' },
      { name: 'api', app: 'api', split: { '1.0': 90, '2.10': 10 } },
    ],
    frontends: [{ name: 'www', backend: 'null' }],
  });
});

it('reads JSON, and lists that are empty or missing', () => {
  expect(readCatalog('{"frontends": [{"resource": "Frontend", "name": "f"}]}', 'f')).toEqual({
    backends: [],
    frontends: [{ name: 'f' }],
  });
  expect(readCatalog('backends:\nfrontends: []', 'f')).toEqual({ backends: [], frontends: [] });
});

it.each([
  ['[', 'f is neither JSON nor YAML'],
  ['[]', 'f must be an object'],
  ['backend: []', "f: unknown field 'backend'"],
  ['backends: web', 'f: backends must be a list'],
  ['backends: [{app: a, version: 1}]', "f: backends[0]: 'name' is missing"],
  ['backends: [{name: a, app: a}]', "f: backends[0]: give either 'version' or 'split'"],
  ['backends: [{name: a, app: a, version: [1]}]', "f: backends[0]: 'version' must be a text"],
  ['backends: [{name: a, app: a, version: 1, ttl: 3}]', "f: backends[0]: unknown field 'ttl'"],
  ['frontends: [{name: a}, {name: a}]', "f names 'a' twice"],
])('refuses %j', (text, message) => {
  expect(() => readCatalog(text, 'f')).toThrow(message);
});

it('reads what it has printed, whatever the names', () => {
  const name = fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme' }).filter(isName);
  const backend = fc.record({ resource: fc.constant('Backend' as const), name, app: name, version: name });
  const frontend = fc.record({ resource: fc.constant('Frontend' as const), name, backend: name });
  const drainRule = fc.record(
    { resource: fc.constant('DrainRule' as const), name, app: name, version: name, reason: name },
    { requiredKeys: ['resource', 'name', 'app'] },
  );
  const listOf = <T extends { name: string }>(one: fc.Arbitrary<T>) =>
    fc.uniqueArray(one, { selector: ({ name }) => name });
  fc.assert(
    fc.property(
      fc.record({ backends: listOf(backend), frontends: listOf(frontend), drainRules: listOf(drainRule) }),
      (catalog) => {
        expect(readCatalog(formatCatalog(catalog), 'f')).toEqual(plain(catalog));
      },
    ),
  );
});

it('reads routing facts, and that there are to be none', () => {
  const text = `
backends:
  - { name: web, app: web, version: 1.0.0, routing: { scheme: https } }
frontends:
  - name: www
    routing:
      hosts: [WWW.example.com]
  - name: bare
    routing:
`;
  expect(readCatalog(text, 'f')).toEqual({
    backends: [{ name: 'web', app: 'web', version: '1.0.0', routing: { scheme: 'https' } }],
    frontends: [
      { name: 'www', routing: { hosts: ['www.example.com'] } },
      { name: 'bare', routing: null },
    ],
  });
  expect(() => readCatalog('frontends: [{ name: www, routing: { port: 1 } }]', 'f')).toThrow(
    "f: frontends[0]: unknown field 'routing.port'",
  );
});

it('writes routing facts as it reads them', () => {
  const frontend: Frontend = { resource: 'Frontend', name: 'www', routing: { hosts: ['a'], pathPrefix: '/x' } };
  const catalog = { backends: [], frontends: [frontend], drainRules: [] };
  expect(readCatalog(formatCatalog(catalog), 'f')).toEqual(plain(catalog));
});
