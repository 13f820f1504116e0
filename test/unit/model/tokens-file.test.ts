import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { matchesApp } from '../../../src/model/app-pattern.js';
import { isToken, tokenIdIn } from '../../../src/model/token.js';
import { digestOf, makeToken } from '../../../src/model/token-digest.js';
import { formatTokenLine, parseTokensFile, type TokenRecord } from '../../../src/model/tokens-file.js';

const record: TokenRecord = {
  id: '0123abcd',
  name: 'ci',
  role: 'write',
  apps: ['web-*'],
  created: 1,
  expires: 2,
  sha256: 'a'.repeat(64),
};

describe('a tokens file', () => {
  it('comes back as it was written, beside comments and empty lines', () => {
    const other = { id: '0123abce', name: 'x', role: 'peer' as const, created: 0, sha256: 'b'.repeat(64) };
    const text = `# ours\n\n${formatTokenLine(record)}${formatTokenLine(other)}`;
    expect(parseTokensFile(text, 'f')).toEqual([record, other]);
  });

  it('keeps quotas', () => {
    const quotas = { maxRegistrations: 1, maxMetaBytes: 1_000_000_000, maxRequests: 5 };
    const bounded = { ...record, ...quotas };
    const admin = {
      id: '0123abce',
      name: 'x',
      role: 'admin' as const,
      created: 0,
      maxCatalogWrites: 2,
      sha256: record.sha256,
    };
    expect(parseTokensFile(formatTokenLine(bounded) + formatTokenLine(admin), 'f')).toEqual([bounded, admin]);
  });

  it.each([
    [{ id: 'x' }, "'id' must be 8 hex digits"],
    [{ name: 'a b' }, "'name' must have"],
    [{ role: 'root' }, "'role' must be one of read, write, deploy, admin, peer"],
    [{ role: 'read' }, "'apps' does not go with the role read"],
    [{ sha256: 'A'.repeat(64) }, "'sha256' must be 64 hex digits"],
    [{ apps: [] }, "'apps' must be a list of app names"],
    [{ apps: ['a/b'] }, "'apps' must be a list of app names"],
    [{ apps: 'web' }, "'apps' must be a list of app names"],
    [{ expires: '2030' }, "'expires' must be a time"],
    [{ created: -1 }, "'created' must be a time"],
    [{ maxRegistrations: 0 }, "'maxRegistrations' must be a whole number from 1 to 1000000000"],
    [{ maxRegistrations: 1.5 }, "'maxRegistrations' must be a whole number"],
    [{ maxRegistrations: 1_000_000_001 }, "'maxRegistrations' must be a whole number"],
    [{ maxMetaBytes: '5' }, "'maxMetaBytes' must be a whole number"],
    [{ maxRequests: null }, "'maxRequests' must be a whole number"],
    [{ maxCatalogWrites: 5 }, "'maxCatalogWrites' does not go with the role write"],
    [{ role: 'deploy', maxRegistrations: 5 }, "'maxRegistrations' does not go with the role deploy"],
    [{ role: 'peer', apps: undefined, maxRequests: 5 }, "'maxRequests' does not go with the role peer"],
    [{ maxregistrations: 5 }, 'there is a field that this version does not know'],
    [{ only: 'at night' }, 'there is a field that this version does not know'],
  ])('with %j is refused as a whole', (change, message) => {
    const text =
      formatTokenLine({ ...record, id: '00000000', name: 'before' }) + JSON.stringify({ ...record, ...change });
    expect(() => parseTokensFile(text, 'f')).toThrow(`tokens file f, line 2: ${message}`);
  });

  it.each(['null', '[]', '1', '"x"', '{', '\0'])('with a line %j is refused', (line) => {
    expect(() => parseTokensFile(line, 'f')).toThrow(/line 1: /);
  });

  it('has each name and id once', () => {
    const twice = (change: object) => formatTokenLine(record) + formatTokenLine({ ...record, ...change });
    expect(() => parseTokensFile(twice({ id: '00000000' }), 'f')).toThrow(/another token has the same name/);
    expect(() => parseTokensFile(twice({ name: 'other' }), 'f')).toThrow(/another token has the same id/);
  });
});

it('makes tokens with an id in them, of which no two are the same', () => {
  const [one, two] = [makeToken(), makeToken()];
  expect(isToken(one.token)).toBe(true);
  expect(tokenIdIn(one.token)).toBe(one.id);
  expect(one.token).not.toBe(two.token);
  expect(digestOf(one.token)).toHaveLength(32);
});

describe('a pattern of apps', () => {
  it.each([
    ['web', 'web', true],
    ['web', 'web2', false],
    ['web', 'we', false],
    ['web-*', 'web-', true],
    ['web-*', 'web-shop', true],
    ['web-*', 'web', false],
    ['*-web', 'old-web-web', true],
    ['*', 'anything', true],
    ['a*b*c', 'a-b-b-c', true],
    ['a*b*c', 'a-c-b', false],
    ['w.b', 'web', false],
    ['', '', true],
    ['', 'a', false],
  ])('%j and %j: %j', (pattern, app, expected) => {
    expect(matchesApp(pattern, app)).toBe(expected);
  });

  it('agrees with a regular expression', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 8 });
    fc.assert(
      fc.property(text, text, (pattern, name) => {
        const app = name.replaceAll('*', 'a');
        expect(matchesApp(pattern, app)).toBe(new RegExp(`^${pattern.replace(/\*+/g, '.*')}$`).test(app));
      }),
      { numRuns: 2000 },
    );
  });

  it('takes no longer for many stars', () => {
    expect(matchesApp('*a'.repeat(60), 'a'.repeat(59) + 'b'.repeat(69))).toBe(false);
  });
});
