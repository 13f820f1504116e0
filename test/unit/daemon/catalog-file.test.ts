import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
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
    get bytes() {
      return catalog.bytes;
    },
    save: () => catalog.document.save(),
    changesSince: (heads) => (catalog.document.knows(heads) ? catalog.document.changesSince(heads) : undefined),
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
  await isWritten('1.0.0');
  await file.close();
});

it('goes on writing after a bug', async () => {
  const first = newCatalog();
  const file = await CatalogFile.open(path, first, log);
  let bugs = 1;
  Object.defineProperty(first, 'heads', {
    get() {
      if (bugs-- > 0) throw new TypeError('a bug');
      return first.catalog.document.heads;
    },
  });
  first.point('1.0.0');
  await isWritten('1.0.0');
  expect(logged).toEqual(['saving the catalog failed because of a bug in bender']);
  await file.close();
});

/** Edits of 2 KB each. */
const longEdits = 550;

/** More than 1 MiB of changes, with which saving the whole catalog takes longer than a daemon should pause. */
function makeLong({ catalog }: { catalog: Catalog }): void {
  for (let edit = 0; edit < longEdits; edit++) {
    const split = Object.fromEntries(
      Array.from({ length: 16 }, (_, index) => [`${edit}.${index}.0-${'x'.repeat(110)}`, 1]),
    );
    catalog.setBackend('long', { name: 'long', app: 'web', split });
    catalog.commit({ author: 'bob' });
  }
  expect(catalog.bytes).toBeGreaterThan(2 ** 20);
}

const loaded = async () => {
  const other = newCatalog();
  other.load(await readFile(path));
  return other;
};
/**
 * Looks at a file once: reading a long history over and over would hold up its writing, which then rests for longer.
 */
async function isWritten(version: string): Promise<void> {
  let seen = 0;
  const look = async () => {
    const { mtimeMs } = await stat(path);
    if (mtimeMs === seen) return false;
    seen = mtimeMs;
    return versionOf(await loaded()) === version;
  };
  await eventually(look, { withinMs: 50_000 });
}

it('saves a long history as a whole only when it is closed, and puts behind it what is new until then', async () => {
  const first = newCatalog();
  makeLong(first);
  const file = await CatalogFile.open(path, first, log);
  const save = jest.spyOn(first, 'save');
  for (const version of ['1.0.0', '2.0.0']) {
    first.point(version);
    await isWritten(version);
  }
  expect(save).not.toHaveBeenCalled();
  const { size, mode } = await stat(path);
  expect(mode & 0o777).toBe(0o600);

  await file.close();
  expect(save).toHaveBeenCalledTimes(1);
  expect((await stat(path)).size).toBeLessThan(size);
  expect(await readdir(folder)).toEqual(['catalog.bin']);
  const second = await loaded();
  expect(second.catalog.history({ limit: 1000 }).map(({ author }) => author)).toEqual([
    'ann',
    'ann',
    ...Array.from({ length: longEdits }, () => 'bob'),
  ]);
});

it('goes on behind what it has loaded', async () => {
  const first = newCatalog();
  makeLong(first);
  await (await CatalogFile.open(path, first, log)).close();
  const second = newCatalog();
  const file = await CatalogFile.open(path, second, log);
  const save = jest.spyOn(second, 'save');
  second.point('1.0.0');
  await isWritten('1.0.0');
  expect(save).not.toHaveBeenCalled();
  await file.close();
});

it.each([
  ['was put in the place of its file', (good: Buffer) => writeFile(path, good.subarray(0, 100))],
  ['removed it', () => rm(path)],
])('saves a long history as a whole if another program %s', async (_, interfere) => {
  const first = newCatalog();
  makeLong(first);
  const file = await CatalogFile.open(path, first, log);
  await interfere(await readFile(path));
  first.point('1.0.0');
  await isWritten('1.0.0');
  await file.close();
});

it('saves a long history as a whole where it begins anew', async () => {
  const first = newCatalog();
  makeLong(first);
  const kept = { ...first, heads: first.heads, bytes: first.catalog.bytes };
  const file = await CatalogFile.open(path, kept, log);
  // As after a failure of Automerge: other edits, in another document.
  const other = newCatalog();
  other.point('1.0.0');
  const since: KeptCatalog['changesSince'] = (heads) => other.changesSince(heads);
  Object.assign(kept, { save: () => other.save(), changesSince: since, heads: other.heads });
  await isWritten('1.0.0');
  expect((await stat(path)).size).toBeLessThan(1000);
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
    await expect(CatalogFile.open(path, newCatalog(), log)).rejects.toThrow('not a catalog that bender has written');
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
