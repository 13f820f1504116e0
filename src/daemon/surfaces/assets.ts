/** Files that the build has made for browsers, such as the dashboard: read once, kept in memory, and served. */

import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { NotFoundError } from '../../model/errors.js';
import { printable } from '../../model/printable.js';
import { type Made, whole } from '../http/contents.js';
import { madeAnswer } from '../http/made-answer.js';
import type { Answer, ApiRequest } from '../http/route.js';

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
  '.json': 'application/json; charset=utf-8',
};

const zip = promisify(gzip);

/**
 * All files of a folder in `dist` by name; empty if this copy of bender was built without it.
 *
 *     await readAssets('ui')
 */
export async function readAssets(name: string): Promise<ReadonlyMap<string, Asset>> {
  const folder = builtFolder(join('dist', name), import.meta.dirname);
  const names = folder === undefined ? [] : await readdir(folder);
  const known = names.filter((name) => extname(name) in types);
  const read = known.map(async (name) => [name, await assetOf(join(folder!, name))] as const);
  return new Map(await Promise.all(read));
}

/** Reads the files with the first call. If that fails, say for want of file descriptors, the next call retries. */
export function keptAssets(name: string, read: typeof readAssets = readAssets): () => ReturnType<typeof readAssets> {
  let reading: ReturnType<typeof readAssets> | undefined;
  const failed = (error: unknown): never => {
    reading = undefined;
    throw error;
  };
  return () => (reading ??= read(name).catch(failed));
}

/** Answers with one of the files: compressed if the client takes that, and 304 if it has it. */
export async function assetAnswer(
  assets: ReadonlyMap<string, Asset>,
  name: string,
  headers: ApiRequest['headers'],
  extra: Readonly<Record<string, string>>,
): Promise<Answer> {
  const asset = assets.get(name);
  if (!asset) throw new NotFoundError(`there is no file '${printable(name)}'`);
  const isZipped = asset.zipped !== undefined && /\bgzip\b/.test(String(headers['accept-encoding'] ?? ''));
  return madeAnswer(isZipped ? asset.zipped! : asset.plain, headers, {
    'content-type': asset.type,
    vary: 'accept-encoding',
    'referrer-policy': 'no-referrer',
    ...(isZipped && { 'content-encoding': 'gzip' }),
    ...extra,
  });
}

/** Of the file that a browser asks for by name: another release has other content. */
export const revalidated = { 'cache-control': 'no-cache' };

/** Of a file whose name has a hash of its content. */
export const immutable = { 'cache-control': 'public, max-age=31536000, immutable' };

/**
 * The `Content-Security-Policy` of a page that loads only these kinds of files, all of them from this daemon. No page
 * may frame it, and no form of it goes anywhere. Browsers apply it beside that of every answer (safety-headers.ts).
 */
export const policyFor = (...kinds: readonly ('connect' | 'img' | 'script' | 'style')[]): string =>
  [
    "default-src 'none'",
    ...kinds.map((kind) => `${kind}-src 'self'`),
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');

async function assetOf(path: string): Promise<Asset> {
  const bytes = await readFile(path);
  const zipped = await zip(bytes, { level: 9 });
  const asset = { type: types[extname(path)]!, plain: whole(bytes) };
  return zipped.length < bytes.length ? { ...asset, zipped: whole(zipped) } : asset;
}

/** `folder` of the package that `from` is in: both the bundle and the sources, in tests, are somewhere below it. */
function builtFolder(folder: string, from: string): string | undefined {
  const built = join(from, folder);
  if (existsSync(built)) return built;
  return dirname(from) === from ? undefined : builtFolder(folder, dirname(from));
}
