import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSettings, type Sources } from '../../../src/daemon/setting-sources.js';
import { InvalidError } from '../../../src/model/errors.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bender-settings-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function fileWith(content: string): string {
  const path = join(folder, 'config.json');
  writeFileSync(path, content);
  return path;
}
const read = (flags: Sources['flags'] = {}, environment: Sources['environment'] = {}) =>
  readSettings({ flags, environment });

/** The message of the InvalidError that these sources are refused with. */
function refusal({ flags }: Pick<Sources, 'flags'>): string {
  try {
    read(flags);
  } catch (error) {
    if (error instanceof InvalidError) return error.message;
    throw error;
  }
  throw new Error('these settings were taken');
}

it('has a default for everything', () => {
  expect(read()).toMatchObject({ host: '127.0.0.1', port: 1729, peer: [], cluster: 'default', ttl: 4000 });
});

it('has quotas, of which that of requests may be absent', () => {
  expect(read()['max-requests']).toBeUndefined();
  expect(read({ 'max-registrations': '5', 'max-meta-bytes': '1000' }, { BENDER_MAX_REQUESTS: '7' })).toMatchObject({
    'max-registrations': 5,
    'max-meta-bytes': 1000,
    'max-requests': 7,
  });
  expect(refusal({ flags: { 'max-registrations': '0' } })).toMatch(
    /^--max-registrations must be a whole number from 1/,
  );
});

it('takes a domain for DNS, and has none of it without a port', () => {
  expect(read()).toMatchObject({ 'dns-port': undefined, 'dns-host': '127.0.0.1', 'dns-domain': 'bender' });
  expect(read({ 'dns-domain': 'Bender.Example.com.' })['dns-domain']).toBe('bender.example.com');
  for (const domain of ['a..b', '', 'x'.repeat(64), `${'abc.'.repeat(30)}d`, 'ä.example'])
    expect(refusal({ flags: { 'dns-domain': domain } })).toMatch(/^--dns-domain must be a domain such as bender/);
});

it('takes what DNS prefers', () => {
  expect(read()).toMatchObject({ 'dns-near': undefined, 'dns-near-at-least': 1 });
  expect(read({ 'dns-near': 'zone:eu-1', 'dns-near-at-least': '2' })).toMatchObject({
    ...{ 'dns-near': 'zone:eu-1', 'dns-near-at-least': 2 },
  });
  expect(refusal({ flags: { 'dns-near': 'eu-1' } })).toMatch(/^--dns-near must be NAME:VALUE, such as zone:eu-1/);
});

it('repeats no secret', () => {
  expect(refusal({ flags: { peer: ['http://user:s3cret@10.0.0.1:1729'] } })).not.toMatch(/s3cret|user/);
  const config = fileWith('{"cluster": "a"} tok-SECRET-123');
  expect(refusal({ flags: { config } })).toMatch(/config\.json cannot be read: no JSON at line 1, column 18$/);
});

it('takes host names, and patterns of them', () => {
  expect(read({ 'allowed-host': ['bender', '*.Example.com', 'a.b.,*'] })['allowed-host']).toEqual([
    'bender',
    '*.example.com',
    'a.b',
    '*',
  ]);
  expect(read({}, { BENDER_ALLOWED_HOST: 'a,b' })['allowed-host']).toEqual(['a', 'b']);
});

it.each(['a b', 'http://bender', 'bender:1729', 'a.*.b', '**', '*.'])('refuses the host name %s', (name) => {
  expect(refusal({ flags: { 'allowed-host': [name] } })).toMatch(/^--allowed-host must be a host name/);
});

it('believes flags over the environment over the config file', () => {
  const config = fileWith('{"ttl": "1s", "cluster": "file", "name": "file", "peer": ["http://a:1", "http://b:2"]}');
  const environment = {
    BENDER_CONFIG: config,
    BENDER_TTL: '2s',
    BENDER_CLUSTER: 'environment',
    BENDER_NAME: '',
  };
  expect(read({ ttl: '3s' }, environment)).toMatchObject({
    ttl: 3000,
    cluster: 'environment',
    name: 'file',
    peer: ['http://a:1', 'http://b:2'],
  });
});

it.each([
  [{ peer: ['http://a:1', 'http://b:2'] }, {}],
  [{}, { BENDER_PEER: 'http://a:1,http://b:2/' }],
])('takes several peers from %j and %j', (flags, environment) => {
  expect(read(flags, environment).peer).toEqual(['http://a:1', 'http://b:2']);
});

describe('a bad value is named with where it came from', () => {
  it.each([
    [{ ttl: 'x' }, "--ttl must be a duration such as 4000, 4s or 10m, not 'x'"],
    [{ ttl: '1' }, "--ttl must be from 1000 to 86400000 ms, not '1'"],
    [{ port: '70000' }, "--port must be a port from 0 to 65535, not '70000'"],
    [{ port: '' }, "--port must be a port from 0 to 65535, not ''"],
    [{ peer: ['10.0.0.1:1729'] }, "--peer must be a URL such as http://10.0.0.1:1729, not '10.0.0.1:1729'"],
    [{ advertise: 'http://a/b' }, "--advertise must be a URL such as http://10.0.0.1:1729, not 'http://a/b'"],
    [{ name: 'a b' }, "--name must be a name without slashes, white space or control characters, not 'a b'"],
    [
      { 'log-level': ['info', 'peer=debug'] },
      "--log-level must be a level such as info, or levels of parts such as info,peers=debug: 'peer' is not a part (http, peers, membership, documents, leases, events, catalog, lifecycle)",
    ],
    [{ 'log-format': 'xml' }, "--log-format must be one of pretty, json, not 'xml'"],
  ])('flag %j', (flags, message) => {
    expect(refusal({ flags })).toBe(message);
  });

  it('environment', () => {
    const bad = () => read({}, { BENDER_PEER_TIMEOUT: 'soon' });
    expect(bad).toThrow(/^BENDER_PEER_TIMEOUT \(environment\) must be a duration .* 'soon'$/);
  });

  it.each([
    ['{"ttl": true}', `"ttl" in PATH must be a duration, not 'true'`],
    ['{"peer": [7]}', `"peer" in PATH must be a URL such as http://10.0.0.1:1729, not '7'`],
    ['[]', 'config file PATH must be a JSON object'],
  ])('config file %s', (content, message) => {
    const config = fileWith(content);
    expect(refusal({ flags: { config } })).toBe(message.replace('PATH', config));
  });

  it('config file with an unknown key, no JSON, or missing', () => {
    expect(() => read({ config: fileWith('{"tttl": 1}') })).toThrow(/"tttl" in .* is no setting: there are host, port/);
    expect(() => read({ config: fileWith('{') })).toThrow(/^config file .* cannot be read: /);
    expect(() => read({ config: join(folder, 'none') })).toThrow(/^config file .* cannot be read: ENOENT/);
  });
});

it.each(['http://0.0.0.0:1729', 'http://[::]:1729', 'http://224.0.0.1:1729'])(
  'does not advertise %s, where nobody can connect',
  (advertise) => {
    expect(refusal({ flags: { advertise } })).toBe(
      `--advertise must be a URL that others can connect to, not '${advertise}'`,
    );
  },
);
