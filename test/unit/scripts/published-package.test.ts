import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const project = join(import.meta.dirname, '../../..');
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bender-pack-'));
  for (const path of ['package.json', 'scripts/published-package.js']) cpSync(join(project, path), join(folder, path));
});
afterEach(() => rmSync(folder, { recursive: true }));

const script = (...args: string[]) =>
  execFileSync(process.execPath, [join(folder, 'scripts/published-package.js'), ...args]);
const packageJson = () => readFileSync(join(folder, 'package.json'), 'utf8');

it('leaves scripts and development out of what is published, and puts them back', () => {
  const before = packageJson();
  const { mtimeMs } = statSync(join(folder, 'package.json'));
  script();
  script(); // After an interruption.
  const published = JSON.parse(packageJson()) as object;
  for (const key of ['scripts', 'devDependencies', 'overrides', 'workspaces'])
    expect(published).not.toHaveProperty(key);
  for (const key of ['bin', 'exports', 'oclif', 'dependencies', 'files'])
    expect(published).toHaveProperty(key, (JSON.parse(before) as Record<string, unknown>)[key]);
  script('--restore');
  script('--restore');
  expect(packageJson()).toBe(before);
  // Otherwise everything would be built again.
  expect(statSync(join(folder, 'package.json')).mtimeMs).toBe(mtimeMs);
  expect(existsSync(join(folder, 'package.json.orig'))).toBe(false);
});

it('nothing is built again for a package that is up to date', () => {
  const { scripts } = JSON.parse(packageJson()) as { scripts: Record<string, string> };
  expect(scripts.prepack).toMatch(/^node scripts\/build-if-stale\.js && /);
  expect(scripts.prepare).toBe('node scripts/build-if-stale.js');
});
