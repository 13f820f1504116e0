/** The files of the dashboard, read once and kept in memory. */

import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { type Made, whole } from '../../http/contents.js';

export interface Asset {
  /** The value of `Content-Type`. */
  type: string;
  plain: Made;
  /** The same, compressed with gzip; absent if that is not shorter. */
  zipped?: Made;
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

const zip = promisify(gzip);

/** All files by name; empty if this copy of bender was built without the dashboard. */
export async function readAssets(folder = builtFolder(import.meta.dirname)): Promise<ReadonlyMap<string, Asset>> {
  const names = folder === undefined ? [] : await readdir(folder);
  const known = names.filter((name) => extname(name) in types);
  const read = known.map(async (name) => [name, await assetOf(join(folder!, name))] as const);
  return new Map(await Promise.all(read));
}

/** Reads the files with the first call. If that fails, say for want of file descriptors, the next call retries. */
export function keptAssets(read: typeof readAssets = readAssets): () => ReturnType<typeof readAssets> {
  let reading: ReturnType<typeof readAssets> | undefined;
  const failed = (error: unknown): never => {
    reading = undefined;
    throw error;
  };
  return () => (reading ??= read().catch(failed));
}

async function assetOf(path: string): Promise<Asset> {
  const bytes = await readFile(path);
  const zipped = await zip(bytes, { level: 9 });
  const asset = { type: types[extname(path)]!, plain: whole(bytes) };
  return zipped.length < bytes.length ? { ...asset, zipped: whole(zipped) } : asset;
}

/** `dist/ui` of the package that `from` is in: both the bundle and the sources, in tests, are somewhere below it. */
function builtFolder(from: string): string | undefined {
  const folder = join(from, 'dist/ui');
  if (existsSync(folder)) return folder;
  return dirname(from) === from ? undefined : builtFolder(dirname(from));
}
