/** Replaces a file in one step, so that a reader sees either the old content or the new one, never a part. */

import { randomBytes } from 'node:crypto';
import type { Stats } from 'node:fs';
import { constants, copyFile, lstat, open, readFile, readlink, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';

/** Undefined if there is no such file. */
export async function readIfThere(path: string): Promise<string | undefined> {
  return ifThere(readFile(path, 'utf8'));
}

/** Resolves symbolic links in `path`, whether or not the file exists yet. */
export async function followLinks(path: string, steps = 40): Promise<string> {
  const stats = await ifThere(lstat(path));
  if (!stats?.isSymbolicLink()) return path;
  if (steps === 0) throw new Error(`${path}: too many symbolic links`);
  return followLinks(resolve(dirname(path), await readlink(path)), steps - 1);
}

/**
 * Replaces the file at `path` by `content`, by writing a file beside it and renaming that. Mode and owner stay; a new
 * file gets `mode`.
 *
 * @param forceMode  whether an existing file gets `mode` too
 * @param check  called with the path of the file beside, before the renaming; if it throws, the old file stays
 * @param behind  whether `content` is appended to a copy of the present file
 */
export async function replaceFile(
  path: string,
  content: string | Uint8Array,
  {
    mode = 0o666,
    forceMode = false,
    check,
    behind = false,
  }: { mode?: number; forceMode?: boolean; check?: (beside: string) => Promise<void>; behind?: boolean } = {},
): Promise<void> {
  const before = await ifThere(stat(path));
  const beside = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`);
  try {
    if (behind) await copyFile(path, beside, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    await write(beside, content, mode, before && forceMode ? { ...before, mode } : before, behind ? 'a' : 'wx');
    await check?.(beside);
    await rename(beside, path);
    await syncFolder(dirname(path));
  } finally {
    await rm(beside, { force: true });
  }
}

async function write(
  path: string,
  content: string | Uint8Array,
  mode: number,
  like: Pick<Stats, 'uid' | 'gid' | 'mode'> | undefined,
  flags: 'wx' | 'a',
): Promise<void> {
  // Private until the mode and owner are set: the content may be secret.
  const file = await open(path, flags, like ? 0o600 : mode);
  try {
    await file.writeFile(content);
    if (like) {
      const { uid, gid } = await file.stat();
      if (uid !== like.uid || gid !== like.gid) await file.chown(like.uid, like.gid);
      await file.chmod(like.mode & 0o7777);
    }
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Without this, a crash of the machine may undo the renaming. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } catch (error) {
    // Some file systems cannot.
    if (!['EINVAL', 'ENOTSUP', 'EPERM', 'EISDIR'].includes((error as NodeJS.ErrnoException).code!)) throw error;
  } finally {
    await folder.close();
  }
}

/** Resolves like `promise`; with undefined if it rejects since there is no such file. */
export async function ifThere<T>(promise: Promise<T>): Promise<T | undefined> {
  try {
    return await promise;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
