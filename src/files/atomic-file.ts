/** Replacing a file in one step, so that whoever reads it sees the old content or the new one, whole. */

import { randomBytes } from 'node:crypto';
import type { Stats } from 'node:fs';
import { constants, copyFile, lstat, open, readFile, readlink, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';

/** Undefined where there is no such file. */
export async function readIfThere(path: string): Promise<string | undefined> {
  return ifThere(readFile(path, 'utf8'));
}

/** The file that `path` stands for, through symbolic links, whether or not it exists yet. */
export async function followLinks(path: string, steps = 40): Promise<string> {
  const stats = await ifThere(lstat(path));
  if (!stats?.isSymbolicLink()) return path;
  if (steps === 0) throw new Error(`${path}: too many symbolic links`);
  return followLinks(resolve(dirname(path), await readlink(path)), steps - 1);
}

/**
 * Puts `content` in the place of the file at `path`, by way of a file beside it. Mode and owner stay; a new
 * file has `mode`.
 *
 * @param check  told the path of the file beside, before it counts; where it throws, nothing has happened
 * @param behind  whether `content` comes behind what is in the file already, in a copy of it
 */
export async function replaceFile(
  path: string,
  content: string | Uint8Array,
  {
    mode = 0o666,
    check,
    behind = false,
  }: { mode?: number; check?: (beside: string) => Promise<void>; behind?: boolean } = {},
): Promise<void> {
  const before = await ifThere(stat(path));
  const beside = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`);
  try {
    if (behind) await copyFile(path, beside, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    await write(beside, content, mode, before, behind ? 'a' : 'wx');
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
  like: Stats | undefined,
  flags: 'wx' | 'a',
): Promise<void> {
  // Nobody else may read what may be a secret, until it is known who may.
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

/** What `promise` comes to; undefined if it fails since there is no such file. */
export async function ifThere<T>(promise: Promise<T>): Promise<T | undefined> {
  try {
    return await promise;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
