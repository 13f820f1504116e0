/** Replacing a file in one step, so that whoever reads it sees the old content or the new one, whole. */

import { randomBytes } from 'node:crypto';
import type { Stats } from 'node:fs';
import { lstat, open, readFile, readlink, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { BenderError } from '../model/errors.js';

/** Undefined where there is no such file. */
export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await ifThere(readFile(path, 'utf8'));
  } catch (error) {
    throw inWords(error, path);
  }
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
 */
export async function replaceFile(
  path: string,
  content: string | Uint8Array,
  { mode = 0o666, check }: { mode?: number; check?: (beside: string) => Promise<void> } = {},
): Promise<void> {
  const before = await ifThere(stat(path));
  const beside = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`);
  try {
    await write(beside, content, mode, before);
    await check?.(beside);
    await rename(beside, path);
    await syncFolder(dirname(path));
  } catch (error) {
    throw inWords(error, path);
  } finally {
    await rm(beside, { force: true });
  }
}

/** What the file system says, about the file that was to be written and not about the one beside it. */
function inWords(error: unknown, path: string): unknown {
  const why = reasons[(error as NodeJS.ErrnoException).code ?? ''];
  return why === undefined
    ? error
    : new BenderError('INTERNAL', `cannot write ${path}: ${why}`, { cause: error });
}

const reasons: Record<string, string> = {
  EACCES: 'no permission for the file or its folder',
  EPERM: 'no permission for the file or its folder',
  EROFS: 'the file system is read-only',
  ENOENT: 'its folder does not exist',
  ENOTDIR: 'its folder does not exist',
  EISDIR: 'it is a folder',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk is full',
  EBUSY: 'it is a mount of its own: mount the folder, and not the file alone',
  EXDEV: 'it is a mount of its own: mount the folder, and not the file alone',
};

async function write(
  path: string,
  content: string | Uint8Array,
  mode: number,
  like: Stats | undefined,
): Promise<void> {
  // Nobody else may read what may be a secret, until it is known who may.
  const file = await open(path, 'wx', like ? 0o600 : mode);
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
    if (!['EINVAL', 'ENOTSUP', 'EPERM', 'EISDIR'].includes((error as NodeJS.ErrnoException).code!))
      throw error;
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
