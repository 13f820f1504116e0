/**
 * Bundles the dashboard (src/ui) into dist/ui: a script, a style sheet and an icon, with a hash of the content in each
 * name, and the page that names them.
 */

import { build } from 'esbuild';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, extname, join } from 'node:path';

/**
 * @param {string} root  the project
 * @returns {Promise<string[]>}  the files in the bundle, relative to it
 */
export async function bundleUi(root) {
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    entryPoints: ['src/ui/main.ts', 'src/ui/style.css'],
    outdir: 'dist/ui',
    bundle: true,
    format: 'esm',
    platform: 'browser',
    target: ['chrome109', 'firefox115', 'safari16'],
    minify: true,
    legalComments: 'none',
    metafile: true,
    write: false,
    logLevel: 'warning',
  });
  const folder = join(root, 'dist/ui');
  mkdirSync(folder, { recursive: true });
  let page = readFileSync(join(root, 'src/ui/index.html'), 'utf8');
  const files = outputFiles.map(({ path, contents }) => [basename(path), contents]);
  files.push(['icon.svg', readFileSync(join(root, 'src/ui/icon.svg'))]);
  for (const [name, contents] of files) {
    const hashed = hashedName(name, contents);
    writeFileSync(join(folder, hashed), contents);
    page = page.replace(`/ui/${name}`, `/ui/${hashed}`);
  }
  writeFileSync(join(folder, 'index.html'), page);
  return Object.keys(metafile.inputs);
}

/** `docs-5wXq0bT3aZ.css`: browsers may keep it, since other content has another name. */
export function hashedName(name, contents) {
  const end = extname(name);
  const hash = createHash('sha256').update(contents).digest('base64url').slice(0, 10);
  return `${basename(name, end)}-${hash}${end}`;
}
