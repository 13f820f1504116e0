import { decodeAuthor, encodeAuthor } from '../../../src/model/author.js';

it.each(['jane@desk', 'Jürgen Ö. <j@x>', '100% jane', '日本', 'ci/deploy#12'])('takes %j over a header', (author) => {
  const header = encodeAuthor(author);
  expect(header).toMatch(/^[\x21-\x7e]+$/);
  expect(decodeAuthor(header)).toBe(author);
});

it('takes what curl sends as it is', () => {
  expect(decodeAuthor('Jane Doe <jane@desk>')).toBe('Jane Doe <jane@desk>');
});

it.each(['', ' ', '%', '%00', 'a\nb', 'ann%E2%80%AEgpj', 'a%E2%80%8Bb', 'a%1B[2J', 'x'.repeat(129)])(
  'refuses %j',
  (header) => {
    expect(() => decodeAuthor(header)).toThrow(expect.objectContaining({ code: 'INVALID' }) as Error);
  },
);
