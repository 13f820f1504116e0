/**
 * Bundles what users run into dist/: every command is a file, so are the client library and the daemon for embedding,
 * and what several of them need, libraries included, is in chunks beside them. `bender ls` reads a handful of files
 * instead of two hundred (docs/decisions/0012-bundle.md).
 */

import { build } from 'esbuild';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import ts from 'typescript';
import { licensesOf } from './bundle-licenses.js';
import { bundleOpenApi } from './bundle-openapi.js';
import { bundleUi } from './bundle-ui.js';

const root = join(import.meta.dirname, '..');
const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** A new command is found by being there, as oclif finds it. */
const commands = readdirSync(join(root, 'src/commands'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => join('src/commands', path));

/** What oclif loads beside commands: see "oclif" in package.json. */
const ofOclif = ['main', 'help', 'command-not-found'].map((name) => `src/cli/${name}.ts`);

/** What oclif looks for where a plugin is being developed; it does without. */
const lookedFor = ['typescript', 'pnpapi'];

const { metafile } = await build({
  absWorkingDir: root,
  // The tests of faults bring services of their own to Lease.
  entryPoints: [
    ...commands,
    ...ofOclif,
    'src/client/index.ts',
    'src/client/lease.ts',
    'src/daemon/embed/create-daemon.ts',
  ],
  outbase: 'src',
  outdir: 'dist',
  chunkNames: 'chunks/[name]-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  // Names stay, for stack traces and for errors that are told apart by their class.
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: 'none', // All licences are in one file, below.
  external: lookedFor,
  define: {
    // For libraries in CommonJS.
    __dirname: 'import.meta.dirname',
    __filename: 'import.meta.filename',
    // Native: 10 ms and 5 MB to load, for less than a tenth of a millisecond in a frame of 100 changes.
    'process.env.CBOR_NATIVE_ACCELERATION_DISABLED': '"true"',
    // Automerge asks whether its WASM comes from a fetch. To answer, Node would load fetch, for 27 ms.
    Request: 'undefined',
    Response: 'undefined',
  },
  banner: { js: "import{createRequire as $r}from'node:module';const require=$r(import.meta.url);" },
  metafile: true,
  logLevel: 'warning',
});

const left = new Set(
  Object.values(metafile.outputs)
    .flatMap(({ imports }) => imports)
    .filter(({ external, path }) => external && !isBuiltin(path))
    .map(({ path }) => path),
);
const unbundled = [...left].filter((name) => !(name in dependencies) && !lookedFor.includes(name));
if (unbundled.length > 0) throw new Error(`neither bundled nor a dependency: ${unbundled.join(', ')}`);

// The types of `bender/daemon`, without those of the whole daemon.
for (const name of ['create-daemon', 'daemon-options']) {
  const path = `daemon/embed/${name}`;
  const source = readFileSync(join(root, `src/${path}.ts`), 'utf8');
  const { outputText } = ts.transpileDeclaration(source, { compilerOptions: { module: ts.ModuleKind.NodeNext } });
  writeFileSync(join(root, `dist/${path}.d.ts`), outputText);
}

await bundleOpenApi(root);
const inputsOfUi = await bundleUi(root);
writeFileSync(join(root, 'dist/LICENSES.txt'), licensesOf(root, [...Object.keys(metafile.inputs), ...inputsOfUi]));
