import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Catalog } from '../../../src/crdt/catalog.js';
import { Document } from '../../../src/crdt/document.js';
import { CatalogFile, type KeptCatalog } from '../../../src/daemon/catalog-file.js';
import type { Log } from '../../../src/daemon/core/log.js';
import { eventually } from '../../helpers/eventually.js';
import { logOf } from '../../helpers/log.js';

let folder: string;
let path: string;
const logged: string[] = [];
let log: Log;
let actors = 0;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'catalog-'));
  path = join(folder, 'catalog.bin');
  logged.length = 0;
  log = logOf(({ message }) => logged.push(message));
});
afterEach(() => rm(folder, { recursive: true }));

/** A catalog of its own, as a daemon keeps it. */
function newCatalog(): KeptCatalog & { catalog: Catalog; point(version: string): void } {
  const catalog = new Catalog(new Document(String(++actors).padStart(32, '0')));
  return {
    catalog,
    get heads() {
      return catalog.document.heads;
    },
    save: () => catalog.document.save(),
    load: (saved) => catalog.load(saved),
    point(version) {
      catalog.setBackend('web', { name: 'web', app: 'web', version });
      catalog.commit({ author: 'ann' });
    },
  };
}

const versionOf = ({ catalog }: { catalog: Catalog }) => catalog.backends.get('web')?.version;

it('gives a later daemon what an earlier one had, with its history', async () => {
  const first = newCatalog();
  const file = await CatalogFile.open(path, first, log);
  first.point('1.0.0');
  first.point('2.0.0');
  await file.close();
  const second = newCatalog();
  await (await CatalogFile.open(path, second, log)).close();
  expect(versionOf(second)).toBe('2.0.0');
  expect(second.catalog.history({ limit: 10 }).map(({ author }) => author)).toEqual(['ann', 'ann']);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await readdir(folder)).toEqual(['catalog.bin']);
});

it('writes soon after a change, without being closed', async () => {
  const first = newCatalog();
  const file = await CatalogFile.open(path, first, log);
  first.point('1.0.0');
  await eventually(async () => {
    const other = newCatalog();
    other.load(await readFile(path));
    return versionOf(other) === '1.0.0';
  });
  await file.close();
});

it('is one replica among others: what is older in it does not win', async () => {
  const first = newCatalog();
  const file = await CatalogFile.open(path, first, log);
  first.point('1.0.0');
  await file.close();
  // Another daemon has it, and goes on without the one that has the file.
  const other = newCatalog();
  other.catalog.merge(first.catalog.document.changesSince([]));
  other.point('2.0.0');
  const again = newCatalog();
  await (await CatalogFile.open(path, again, log)).close();
  again.catalog.merge(other.catalog.document.changesSince([]));
  other.catalog.merge(again.catalog.document.changesSince([]));
  expect([versionOf(again), versionOf(other)]).toEqual(['2.0.0', '2.0.0']);
});

it('refuses a file that is damaged, cut off, or something else', async () => {
  const first = newCatalog();
  const file = await CatalogFile.open(path, first, log);
  first.point('1.0.0');
  await file.close();
  const good = await readFile(path);
  const flipped = Buffer.from(good);
  flipped[Math.floor(good.length / 2)]! ^= 0xff;
  for (const bad of [good.subarray(0, good.length - 5), flipped, Buffer.from('{"backends": []}')]) {
    await writeFile(path, bad);
    await expect(CatalogFile.open(path, newCatalog(), log)).rejects.toThrow(
      'not a catalog that bender has written',
    );
    expect(await readFile(path)).toEqual(Buffer.from(bad));
  }
});

it('takes an empty file for a new one, and follows a link to it', async () => {
  await writeFile(path, '');
  const link = join(folder, 'link');
  await symlink(path, link);
  const first = newCatalog();
  const file = await CatalogFile.open(link, first, log);
  first.point('1.0.0');
  await file.close();
  const second = newCatalog();
  second.load(await readFile(path));
  expect(versionOf(second)).toBe('1.0.0');
});

it('does not start where it could not write', async () => {
  await expect(CatalogFile.open(join(folder, 'none', 'file'), newCatalog(), log)).rejects.toThrow(
    /^cannot write the catalog to .*none\/file: ENOENT: no such file or directory$/,
  );
});

it('goes on from memory when the file cannot be written, says so once, and writes when it can again', async () => {
  const first = newCatalog();
  const file = await CatalogFile.open(path, first, log);
  await rm(folder, { recursive: true });
  first.point('1.0.0');
  await eventually(() => logged.includes('cannot write the catalog to its file: retrying'));
  first.point('2.0.0');
  await eventually(async () => {
    await mkdir(folder, { recursive: true });
    return logged.includes('the catalog is written again');
  });
  expect(logged.filter((line) => line.startsWith('cannot write'))).toHaveLength(1);
  const second = newCatalog();
  second.load(await readFile(path));
  expect(versionOf(second)).toBe('2.0.0');
  await file.close();
});
