/**
 * What users get as package.json: without the scripts and libraries that only the project itself needs. npm warns
 * everybody who installs a package with a `prepare` script, although the tarball has nothing to prepare.
 *
 * `npm pack` and `npm publish` run this before and after (prepack, postpack).
 */

import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const [path, kept] = ['package.json', 'package.json.orig'].map((name) => join(root, name));

/** One that is there already is from a run that was interrupted. */
function publish() {
  if (!existsSync(kept)) renameSync(path, kept);
  const {
    scripts: _,
    devDependencies: __,
    overrides: ___,
    ...published
  } = JSON.parse(readFileSync(kept, 'utf8'));
  writeFileSync(path, `${JSON.stringify(published, null, 2)}\n`);
}

function restore() {
  if (existsSync(kept)) renameSync(kept, path);
}

if (process.argv.includes('--restore')) restore();
else publish();
