import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memoryPath, recall, remember } from '../../../../src/cli/template/memory.js';

let dest: string;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bender-memory-'));
  dest = join(folder, 'out');
});
afterAll(() => rm(folder, { recursive: true }));

const server = { id: 'web/1/h/80', app: 'web', version: '1', host: 'h', port: 80 };
const memoryOf = (known: unknown) => ({ format: 1, digest: 'd', known });
const known = { frontends: [], backends: [{ name: 'b', registrations: [server] }], registrations: [server] };

it('is read as it was written', async () => {
  await remember(dest, memoryOf(known) as never);
  expect(await recall(dest)).toEqual(memoryOf(known));
});

it.each([
  ['null'],
  ['[]'],
  [JSON.stringify(memoryOf(undefined))],
  [JSON.stringify(memoryOf({ ...known, registrations: [{}] }))],
  [JSON.stringify(memoryOf({ ...known, registrations: [{ ...server, host: 'h\n  server evil 6.6.6.6' }] }))],
  [JSON.stringify(memoryOf({ ...known, backends: [{ name: 'b' }] }))],
  [JSON.stringify(memoryOf({ ...known, frontends: {} }))],
])('is refused if another program wrote it: %s', async (text) => {
  await writeFile(memoryPath(dest), text);
  await expect(recall(dest)).rejects.toThrow(/is not what bender has written/);
});
