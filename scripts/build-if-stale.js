/**
 * Builds what is not built yet, or from older sources. `npm ci` does that through `prepare`; so does `npx bender` in a
 * clone when it first links the clone into its cache, possibly several at a time and with daemons running from dist/:
 * what is up to date is left alone.
 */

import { execFileSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const changed = (path) => statSync(join(root, path), { throwIfNoEntry: false })?.mtimeMs ?? 0;

const sources = ['src', 'scripts'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((path) => join(folder, path)),
);
const newest = Math.max(
  ...[
    ...sources,
    'package.json',
    'tsconfig.build.json',
    'packages/client/package.json',
    'packages/client/tsconfig.json',
  ].map(changed),
);

// The manual page is what a build writes last.
if (newest > changed('dist/man/bender.1')) execFileSync('npm', ['run', 'build'], { cwd: root, stdio: 'inherit' });
