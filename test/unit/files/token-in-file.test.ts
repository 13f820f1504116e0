import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tokenInFile } from '../../../src/files/token-in-file.js';
import { makeToken } from '../../../src/model/token-digest.js';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bender-token-'));
  path = join(folder, 'token');
});
afterEach(() => rmSync(folder, { recursive: true }));

it('reads the file again after a while, and keeps the last token while there is none', () => {
  let now = 0;
  const [one, two] = [makeToken().token, makeToken().token];
  writeFileSync(path, `${one}\n`);
  const token = tokenInFile(path, () => now);
  writeFileSync(path, two);
  expect(token()).toBe(one);
  now = 1000;
  expect(token()).toBe(two);
  writeFileSync(path, '');
  now = 2000;
  expect(token()).toBe(two);
});

it('is refused without a token at first, and shows nothing of the file', () => {
  expect(() => tokenInFile(path)).toThrow(/cannot be read: ENOENT/);
  writeFileSync(path, 'hunter2');
  expect(() => tokenInFile(path)).toThrow(/must have a token/);
  expect(() => tokenInFile(path)).not.toThrow(/hunter2/);
});
