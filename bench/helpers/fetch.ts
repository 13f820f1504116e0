/**
 * What bender is compared with: fetched once from npm and Debian into folders below .bench/, which git ignores.
 * Nothing is installed in the system. Remove a folder to fetch its content anew.
 */

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { progress } from './report.js';

const bench = new URL('../../../', import.meta.url);

/** ms that one fetching may take. */
const patience = 240_000;

/** A folder with the packages of a package.json. */
export function fromNpm(name: string, manifest: object): URL {
  return once(name, (folder) => {
    writeFileSync(new URL('package.json', folder), `${JSON.stringify({ private: true, ...manifest })}\n`);
    const quiet = ['--no-audit', '--no-fund', '--omit=optional', '--fetch-retries=0', '--loglevel=error'];
    run('npm', ['install', ...quiet], folder);
  });
}

/** A folder with the files of Debian packages, without those that they depend on. */
export function fromDebian(name: string, packages: readonly string[]): URL {
  return once(name, (folder) => {
    const download = (): void => run('apt-get', ['-qq', 'download', ...packages], folder);
    try {
      download();
    } catch {
      // What apt knows of may be old.
      run('apt-get', ['-qq', 'update'], folder);
      download();
    }
    for (const file of readdirSync(folder)) {
      run('dpkg', ['-x', file, '.'], folder);
      // apt writes `%3a` into names, which in a URL is something else.
      rmSync(join(fileURLToPath(folder), file));
    }
  });
}

/** The folder is there with all that belongs into it, or not at all. */
function once(name: string, fetch: (folder: URL) => void): URL {
  const folder = new URL(`${name}/`, bench);
  if (existsSync(folder)) return folder;
  const unfinished = new URL(`${name}.unfinished/`, bench);
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true });
  progress(`fetching ${name}`);
  fetch(unfinished);
  renameSync(unfinished, folder);
  return folder;
}

function run(command: string, args: readonly string[], folder: URL): void {
  try {
    execFileSync(command, args, {
      cwd: fileURLToPath(folder),
      stdio: ['ignore', 'ignore', 'pipe'],
      shell: process.platform === 'win32',
      timeout: patience,
    });
  } catch (error) {
    const said = (error as { stderr?: Buffer }).stderr?.toString().trim().split('\n')[0];
    throw new Error(`${command} ${args[0]} failed: ${said || (error as Error).message}`, { cause: error });
  }
}
