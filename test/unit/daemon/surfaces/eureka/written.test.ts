import { expect, it } from '@jest/globals';
import { Written } from '../../../../../src/daemon/surfaces/eureka/written.js';

const made = (texts: readonly string[], ahead = '<') => {
  const written = new Written();
  for (const text of texts) written.add(text);
  return written.within([ahead, '>']);
};

it('is what was added, in order, with what is around it', () => {
  const long = 'é'.repeat(100_000);
  expect(String(made(['a', long, 'b']).body.data)).toBe(`<a${long}b>`);
});

it('has a tag of all of it', () => {
  const { etag } = made(['a', 'b']);
  expect([made(['ab']).etag === etag, made(['ac']).etag === etag, made(['ab'], '(').etag === etag]).toEqual([
    true,
    false,
    false,
  ]);
});
