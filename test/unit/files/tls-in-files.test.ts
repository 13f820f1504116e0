import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tlsInFiles } from '../../../src/files/tls-in-files.js';

let folder: string;
let ca: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bender-tls-'));
  ca = join(folder, 'ca.pem');
});
afterEach(() => rmSync(folder, { recursive: true }));

const pem = (text: string): string => `-----BEGIN CERTIFICATE-----\n${text}\n`;

it('returns the same object until a file has changed, and what was there while it cannot be read', () => {
  let now = 0;
  writeFileSync(ca, pem('one'));
  const credentials = tlsInFiles({ ca }, () => now);
  const first = credentials();
  expect(first.ca).toBe(pem('one'));
  now = 1000;
  expect(credentials()).toBe(first);
  writeFileSync(ca, pem('two'));
  expect(credentials()).toBe(first);
  now = 2000;
  expect(credentials()).toBe(first);
  now = 3000;
  const second = credentials();
  expect(second.ca).toBe(pem('two'));
  rmSync(ca);
  now = 4000;
  expect(credentials()).toBe(second);
});

it('takes no new key beside the certificate before it', () => {
  let now = 0;
  const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  for (const path of [cert, key]) writeFileSync(path, pem('one'));
  const credentials = tlsInFiles({ cert, key }, () => now);
  const first = credentials();
  writeFileSync(key, pem('two'));
  now = 1000;
  expect(credentials()).toBe(first);
  writeFileSync(cert, pem('two'));
  now = 2000;
  expect(credentials()).toBe(first);
  now = 3000;
  expect([credentials().cert, credentials().key]).toEqual([pem('two'), pem('two')]);
});

it('refuses what is not there, what is no PEM, and a certificate without its key', () => {
  expect(() => tlsInFiles({ ca })).toThrow(/ca\.pem cannot be read: ENOENT/);
  writeFileSync(ca, 's3cret');
  expect(() => tlsInFiles({ ca })).toThrow(/must have certificates or a key in PEM$/);
  writeFileSync(ca, pem('one'));
  expect(() => tlsInFiles({ cert: ca })).toThrow(/needs both --tls-cert and --tls-key/);
});
