/** JSON files of the operator's. Errors name the place and not the content, which may be a secret. */

import { InvalidError } from './errors.js';

/** @throws InvalidError with line and column, and nothing of `text` */
export function parseJsonFile(text: string, path: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    const before = text.slice(0, errorIn(text)).split('\n');
    throw new InvalidError(
      `${path} cannot be read: no JSON at line ${before.length}, column ${before.at(-1)!.length + 1}`,
    );
  }
}

const space = /[ \t\n\r]*/y;
const scalar =
  /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

/** Where `text` ceases to be JSON. Node says it in some of its messages only. */
function errorIn(text: string): number {
  const open: ('{' | '[')[] = [];
  let at = 0;
  let expects: 'value' | 'first' | 'key' | 'firstKey' | 'colon' | 'next' = 'value';
  const take = (shape: RegExp): boolean => {
    shape.lastIndex = at;
    const found = shape.test(text);
    if (found) at = shape.lastIndex;
    return found;
  };
  for (;;) {
    take(space);
    const character = text[at];
    const closes = character === (open.at(-1) === '{' ? '}' : ']') && open.length > 0;
    if (closes && (expects === 'next' || expects === 'first' || expects === 'firstKey')) {
      open.pop();
      at++;
      expects = 'next';
    } else if (expects === 'next') {
      if (character !== ',' || open.length === 0) return at;
      at++;
      expects = open.at(-1) === '{' ? 'key' : 'value';
    } else if (expects === 'colon') {
      if (character !== ':') return at;
      at++;
      expects = 'value';
    } else if (expects === 'key' || expects === 'firstKey') {
      if (character !== '"' || !take(scalar)) return at;
      expects = 'colon';
    } else if (character === '{' || character === '[') {
      open.push(character);
      at++;
      expects = character === '{' ? 'firstKey' : 'first';
    } else if (take(scalar)) expects = 'next';
    else return at;
  }
}
