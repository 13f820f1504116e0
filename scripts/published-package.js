/**
 * What users get as package.json: without the scripts and libraries that only the project itself needs. npm warns
 * every user that installs a package with a `prepare` script, although the tarball has nothing to prepare.
 *
 * `npm pack` and `npm publish` run this before and after (prepack, postpack).
 */

import { existsSync, linkSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const [path, kept] = ['package.json', 'package.json.orig'].map((name) => join(root, name));

/**
 * Commands may read package.json all the while: it is replaced in one step. An original that is kept already is from a
 * run that was interrupted.
 */
function publish() {
  if (!existsSync(kept)) linkSync(path, kept);
  const published = JSON.parse(readFileSync(kept, 'utf8'));
  for (const key of ['scripts', 'devDependencies', 'overrides', 'workspaces']) delete published[key];
  writeFileSync(`${path}.tmp`, `${JSON.stringify(published, null, 2)}\n`);
  renameSync(`${path}.tmp`, path);
}

function restore() {
  if (existsSync(kept)) renameSync(kept, path);
}

if (process.argv.includes('--restore')) restore();
else publish();
