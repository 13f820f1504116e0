/** The messages in docs/troubleshooting.md are those of the program. */

import { expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const source = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => readFileSync(join('src', file), 'utf8'))
  .join('\n')
  // What is put together from several texts in the code stands there in pieces.
  .replace(/\s+/g, ' ');

/** Not ours (of Node, of the shell), or put together from pieces that are shorter than a sentence. */
const others = [
  'self-signed certificate',
  'command not found',
  'npm warn install-scripts',
  'is what frontend',
  'this needs a token with the role',
  'before it listened on',
];

/** What stands for something else in a message: names, numbers, URLs, what is in quotes, what is left out. */
const placeholders = /…|https?:\S*|\S*[@\d/]\S*|'[^']*'|"[^"]*"|\b[A-Z]{2,}\b|\b[A-Z]\b|[:()]/;

/** The messages of the first column, in the pieces between placeholders. */
const pieces = readFileSync('docs/troubleshooting.md', 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('|'))
  .flatMap((line) => [...line.split(' | ')[0]!.matchAll(/`([^`]+)`/g)])
  .flatMap(([, message]) => message!.split(placeholders))
  .map((piece) => piece.trim())
  .filter((piece) => piece.split(' ').length > 2 && !others.includes(piece));

it('has many messages', () => expect(new Set(pieces).size).toBeGreaterThan(70));

it('has no message that the program does not print', () => {
  expect(pieces.filter((piece) => !source.includes(piece))).toEqual([]);
});
