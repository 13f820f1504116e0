/**
 * Writes the description of the API (src/openapi) into dist/openapi: as JSON for tools, and as a page with a style
 * sheet for people. The same sources make the same files.
 */

import { build } from 'esbuild';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hashedName } from './bundle-ui.js';
import { importSources } from './import-sources.js';

/** @param {string} root  the project */
export async function bundleOpenApi(root) {
  const folder = join(root, 'dist/openapi');
  mkdirSync(folder, { recursive: true });
  const { describeApi, pageOf } = await importSources(root, "export * from './src/openapi/main.ts'");
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: ['src/openapi/page/docs.css'],
    bundle: true,
    minify: true,
    write: false,
    logLevel: 'warning',
  });
  const style = outputFiles[0].contents;
  const styleName = hashedName('docs.css', style);
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const description = describeApi(version);
  writeFileSync(join(folder, styleName), style);
  writeFileSync(join(folder, 'openapi.json'), `${JSON.stringify(description, null, 1)}\n`);
  writeFileSync(join(folder, 'docs.html'), pageOf(description, `/docs/${styleName}`));
}
