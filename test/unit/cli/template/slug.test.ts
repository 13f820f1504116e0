import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { hostname, ip, slug } from '../../../../src/cli/template/slug.js';

describe('slug', () => {
  it.each(['web', 'web-1.2_a', '10.0.0.1', 'api-20241125', '0'])('leaves %s as it is', (name) => {
    expect(slug(name)).toBe(name);
  });

  it.each([
    ['web:1', /^web-1-[0-9a-f]{12}$/],
    ['a b;{c}"\nd:é', /^a-b--c---d---[0-9a-f]{12}$/],
    ['東京', /^x--[0-9a-f]{12}$/],
    ['-m', /^xm-[0-9a-f]{12}$/],
    ['WEB', /^web-[0-9a-f]{12}$/],
    ['', /^x-[0-9a-f]{12}$/],
    ['x'.repeat(200), /^x{80}-[0-9a-f]{12}$/],
  ])('makes a name of %j', (text, shape) => {
    expect(slug(text)).toMatch(shape);
  });

  it('gives different names to different values, whatever these are, and whether or not case counts', () => {
    const part = fc.constantFrom('web', 'WEB', '-', ':', '1', '.', '_', '東', '大', '#', '$', '"', ' ');
    const text = fc.array(part, { maxLength: 4 }).map((parts) => parts.join(''));
    const name = fc.oneof(text, text.map(slug));
    fc.assert(
      fc.property(name, name, (a, b) => {
        expect(slug(a)).toMatch(/^[a-z0-9][a-z0-9_.-]*$/);
        if (a !== b) expect(slug(a)).not.toBe(slug(b));
      }),
      { numRuns: 2000 },
    );
  });
});

it('takes names that a Host header can carry, and addresses', () => {
  expect(['www', 'WWW.Example', 'a b', '-m', '$HOME', '[::1]', '東京', ''].map(hostname)).toEqual([
    ...['www', 'www.example', '', '', '', '', '', ''],
  ]);
  expect(['10.0.0.1', '::1', 'db', ''].map(ip)).toEqual(['10.0.0.1', '::1', '', '']);
});
