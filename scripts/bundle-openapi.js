/**
 * Writes the description of the API (src/openapi) into dist/openapi: as JSON for tools, and as a page with a style
 * sheet for people. The same sources make the same files.
 */

import { build } from 'esbuild';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** @param {string} root  the project */
export async function bundleOpenApi(root) {
  const folder = join(root, 'dist/openapi');
  mkdirSync(folder, { recursive: true });
  const program = join(folder, 'make.mjs');
  await build({
    absWorkingDir: root,
    entryPoints: ['src/openapi/main.ts'],
    outfile: program,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    logLevel: 'warning',
  });
  const { describeApi, pageOf } = await import(pathToFileURL(program).href);
  rmSync(program);
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: ['src/openapi/page/docs.css'],
    bundle: true,
    minify: true,
    write: false,
    logLevel: 'warning',
  });
  const style = outputFiles[0].contents;
  const styleName = `docs-${createHash('sha256').update(style).digest('base64url').slice(0, 10)}.css`;
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const description = describeApi(version);
  writeFileSync(join(folder, styleName), style);
  writeFileSync(join(folder, 'openapi.json'), `${JSON.stringify(description, null, 1)}\n`);
  writeFileSync(join(folder, 'docs.html'), pageOf(description, `/docs/${styleName}`));
}
