/** The previous release of bender, built from the history of the project: for tests of two versions in one cluster. */

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const project = join(import.meta.dirname, '../..');

/**
 * The last state of main before the present line of work. Daemons of the two have to work together as long as the
 * version of their protocol is the same; when that changes, this is the first commit with the new one.
 */
export const previousCommit = 'd49862e';

interface PreviousRelease {
  /** Its bin/run.js. */
  program: string;
  remove(): void;
}

const git = (...args: string[]): string =>
  execFileSync('git', args, { cwd: project, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });

/** Why there is no previous release to test with; undefined if there is one. */
export function whyNoPrevious(): string | undefined {
  try {
    git('cat-file', '-e', `${previousCommit}^{commit}`);
  } catch {
    return `the history of the project is not here (a tarball, a shallow clone): ${previousCommit} is missing`;
  }
  const [here, there] = [packagesIn(readFileSync(join(project, 'package-lock.json'), 'utf8')), previousPackages()];
  const other = Object.keys(there).find((path) => there[path] !== here[path]);
  return other && `it needs another version of ${other} than is installed here`;
}

/** Builds it in a folder of its own, with the libraries that are installed here. */
export function buildPrevious(): PreviousRelease {
  const folder = mkdtempSync(join(tmpdir(), 'bender-previous-'));
  const archive = execFileSync('git', ['archive', previousCommit], { cwd: project, maxBuffer: 256 * 1024 * 1024 });
  mkdirSync(join(folder, 'dist'));
  execFileSync('tar', ['-x', '-C', folder], { input: archive });
  symlinkSync(join(project, 'node_modules'), join(folder, 'node_modules'));
  execFileSync(process.execPath, ['scripts/bundle.js'], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
  return { program: join(folder, 'bin/run.js'), remove: () => rmSync(folder, { recursive: true }) };
}

type Packages = Record<string, string | undefined>;

/** Those that it names itself. Of what they need in turn, nearly nothing is in its bundle. */
function previousPackages(): Packages {
  const named = JSON.parse(git('show', `${previousCommit}:package.json`)) as Record<string, object | undefined>;
  const names = Object.keys({ ...named['dependencies'], ...named['devDependencies'] });
  const installed = packagesIn(git('show', `${previousCommit}:package-lock.json`));
  return Object.fromEntries(names.map((name) => [`node_modules/${name}`, installed[`node_modules/${name}`]]));
}

/** The versions of what is installed, by path. */
function packagesIn(lock: string): Packages {
  const { packages } = JSON.parse(lock) as { packages: Record<string, { version?: string; link?: boolean }> };
  const installed = Object.entries(packages).filter(([path, { link }]) => path.startsWith('node_modules/') && !link);
  return Object.fromEntries(installed.map(([path, { version }]) => [path, version]));
}
