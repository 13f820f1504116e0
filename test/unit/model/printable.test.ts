import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { printable, printableCopy, printableJson, printableStack } from '../../../src/model/printable.js';

const hidden = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u;

describe('printable', () => {
  it.each([
    ['plain text, with accents: é, 漢字, 🚀', 'plain text, with accents: é, 漢字, 🚀'],
    ['\u001b]0;pwned\u0007\u001b[2K', '\\x1b]0;pwned\\x07\\x1b[2K'],
    ['a\tb\r\nc\u0000', 'a\\tb\\r\\nc\\x00'],
    ['\u009b31m\u007f', '\\x9b31m\\x7f'],
    ['ann\u202egpj.exe\u200b\ufeff', 'ann\\u{202e}gpj.exe\\u{200b}\\u{feff}'],
    ['a\u2028b\u2029c', 'a\\u{2028}b\\u{2029}c'],
    ['\ud800 alone', '\\u{d800} alone'],
    ['a tag \u{e0041}', 'a tag \\u{e0041}'],
  ])('shows %j as %s', (text, shown) => {
    expect(printable(text)).toBe(shown);
  });

  it('cuts a long text', () => {
    expect(printable('x'.repeat(200))).toBe('x'.repeat(200));
    expect(printable('x'.repeat(201))).toBe(`${'x'.repeat(199)}…`);
    expect(printable(`${'x'.repeat(198)}🚀🚀`)).toBe(`${'x'.repeat(198)}\\u{d83d}…`);
  });

  it('leaves nothing hidden, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        expect(printable(text)).not.toMatch(hidden);
      }),
    );
  });
});

describe('printableCopy', () => {
  it('copies data with printable texts and field names, and nothing else', () => {
    expect(printableCopy({ 'a\u001b': ['\n', 1, null, true, undefined, { b: '\u202e' }] })).toEqual({
      'a\\x1b': ['\\n', 1, null, true, undefined, { b: '\\u{202e}' }],
    });
  });

  it('cuts texts and field names where it is told to', () => {
    expect(printableCopy({ abcdef: 'abcdef', abc: 'abc' }, 3)).toEqual({ 'ab…': 'ab…', abc: 'abc' });
    expect(printableCopy(['x'.repeat(300)], 300)).toEqual(['x'.repeat(300)]);
  });

  it('copies data without a prototype', () => {
    expect(printableCopy(Object.assign(Object.create(null) as object, { a: '\n' }))).toEqual({ a: '\\n' });
  });

  it('keeps a field called __proto__, and follows no more than some levels', () => {
    const odd = JSON.parse('{"__proto__": "\\u001b"}') as object;
    expect(JSON.stringify(printableCopy(odd))).toBe('{"__proto__":"\\\\x1b"}');
    const deep = JSON.parse('['.repeat(5000) + ']'.repeat(5000)) as unknown;
    expect(JSON.stringify(printableCopy(deep))).toBe(`${'['.repeat(32)}"…"${']'.repeat(32)}`);
    const objects = JSON.parse('{"a":'.repeat(5000) + '1' + '}'.repeat(5000)) as unknown;
    expect(JSON.stringify(printableCopy(objects))).toBe(`${'{"a":'.repeat(32)}"…"${'}'.repeat(32)}`);
  });

  it('leaves what is no plain data as it is', () => {
    const [date, bytes, map] = [new Date(), Buffer.from('a'), new Map([['a', 1]])];
    expect(Object.values(printableCopy({ date, bytes, map }))).toEqual([date, bytes, map]);
    expect(printableCopy(date)).toBe(date);
  });
});

describe('printableJson', () => {
  it('escapes what JSON.stringify leaves as it is', () => {
    expect(printableJson('\u001b\u007f\u009b\u202e\u2028\u{e0041}')).toBe(
      '"\\u001b\\u007f\\u009b\\u202e\\u2028\\udb40\\udc41"',
    );
  });

  it('indents as JSON.stringify does', () => {
    expect(printableJson({ a: ['\u009b'] }, 2)).toBe('{\n  "a": [\n    "\\u009b"\n  ]\n}');
  });

  it('means the same to a parser, and hides nothing', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
        const json = printableJson(value);
        expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(json).not.toMatch(hidden);
      }),
    );
  });
});

it('shows the stack of an error, whose message cannot forge a line', () => {
  const [first, second] = printableStack(new Error('a\u001b[2J\nb')).split('\n');
  expect(first).toBe('Error: a\\x1b[2J\\nb');
  expect(second).toMatch(/^ {4}at /);
  expect(printableStack(new Error('x'.repeat(999))).split('\n')[0]).toBe(`Error: ${'x'.repeat(999)}`);
  expect(printableStack(new Error('x'.repeat(2000))).split('\n')[0]).toBe(`Error: ${'x'.repeat(999)}…`);
  const odd = Object.assign(new Error('a'), { stack: 'Error: a\n    at b\u001b[2J (c.js:1:1)\nforged' });
  expect(printableStack(odd)).toBe('Error: a\n    at b\\x1b[2J (c.js:1:1)');
});
