/** jest's globalSetup for the end-to-end tests, which run what users run: makes sure that it is built. */

import { execFileSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');

/** What `npm run build` writes last. */
const built = join(root, 'oclif.manifest.json');

export default function setUp(): void {
  const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' });
  const newest = Math.max(...sources.map((path) => changed(join(root, 'src', path))));
  if (newest > changed(built)) execFileSync('npm', ['run', 'build'], { cwd: root, stdio: 'inherit' });
}

const changed = (path: string): number => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
