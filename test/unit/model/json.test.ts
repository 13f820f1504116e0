import { describe, expect, it } from '@jest/globals';
import { InvalidError } from '../../../src/model/errors.js';
import { isSameJson, isShallow } from '../../../src/model/json.js';
import { parseJsonFile } from '../../../src/model/json-file.js';
import { withoutCredentials } from '../../../src/model/secrets.js';
import { check } from '../../../src/model/validate.js';

const nested = (levels: number, core = '1'): unknown => JSON.parse('['.repeat(levels) + core + ']'.repeat(levels));

describe('isShallow', () => {
  it.each([
    ['x', 0, true],
    [[], 0, false],
    [{ a: [1] }, 2, true],
    [{ a: [{}] }, 2, false],
    [nested(100_000), 16, false],
  ])('%#', (value, levels, is) => {
    expect(isShallow(value, levels)).toBe(is);
  });
});

describe('isSameJson', () => {
  it.each([
    [{ a: 1, b: [2] }, { b: [2], a: 1 }, true],
    [{ a: 1 }, { a: 1, b: 1 }, false],
    [[1, 2], [2, 1], false],
    [[], {}, false],
    [null, {}, false],
    [{ a: undefined }, { b: undefined }, false],
    ['1', 1, false],
    [nested(100_000), nested(100_000), true],
    [nested(100_000, '1'), nested(100_000, '2'), false],
  ])('%#', (a, b, same) => {
    expect(isSameJson(a, b)).toBe(same);
  });
});

describe('a JSON file that is none', () => {
  it.each([
    ['', 1, 1],
    ['tok-SECRET', 1, 1],
    ['{"a": SECRET}', 1, 7],
    ['{\n  "a": "SECRET",\n  "b" 1}', 3, 7],
    ['{"a": 1,}', 1, 9],
    ['[1,\n"SECRET', 2, 1],
    ['{"a": [1, {"b": tru}]}', 1, 17],
    ['{"a": 1} SECRET', 1, 10],
    ['[01]', 1, 3],
  ])('%j is refused at line %i, column %i, and not shown', (text, line, column) => {
    const parse = () => parseJsonFile(text, 'F');
    expect(parse).toThrow(InvalidError);
    expect(parse).toThrow(`F cannot be read: no JSON at line ${line}, column ${column}`);
    expect(parse).not.toThrow(/SECRET/);
  });

  it('is parsed where it is one', () => {
    expect(parseJsonFile(' {"a": [1, "x\\u0041", null]} ', 'F')).toEqual({ a: [1, 'xA', null] });
  });
});

it.each([
  ['http://user:s3cret@10.0.0.1:1729', 'http://***@10.0.0.1:1729'],
  ["not 'http://u:p@ss@h/', http://h", "not 'http://***@h/', http://h"],
  ['http://10.0.0.1 and me@example', 'http://10.0.0.1 and me@example'],
])('leaves the credentials out of %s', (text, shown) => {
  expect(withoutCredentials(text)).toBe(shown);
});

const web = { app: 'web', version: '1', host: 'h', port: 80 };

describe('what is sent', () => {
  it.each([
    ['registration', { ...web, meta: { a: nested(15) } }],
    ['registration', { ...web, app: '__proto__', version: 'constructor' }],
    ['state', { draining: true, reason: 'kernel update, in München' }],
  ] as const)('is taken: %s %#', (kind, input) => {
    expect(() => check(kind, input)).not.toThrow();
  });

  it.each([
    ['registration', { ...web, meta: { a: nested(16) } }, /'meta' must be .* 16 levels/],
    ['registration', { ...web, meta: { a: nested(2000) } }, /'meta' must be/],
    ['registration', { ...web, app: 'cafe\u0301' }, /'app' must be in Unicode normalization form C/],
    ['state', { draining: true, reason: 'ann\u202egpj' }, /'reason' must not contain/],
    ['state', { draining: true, reason: 'a\u200bb' }, /'reason' must not contain/],
    ['backend', JSON.parse('{"name":"b","app":"a","split":{"1":1,"__proto__":1}}'), /must have no version called/],
    ['backend', { name: 'b', app: 'a', split: { 1: 1, constructor: 1 } }, /must have no version called/],
    ['backend', { name: 'b', app: 'a', split: { 1: 1, prototype: 1 } }, /must have no version called/],
  ] as const)('is refused: %s %#', (kind, input, message) => {
    expect(() => check(kind, input)).toThrow(message);
  });
});
