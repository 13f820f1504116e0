/**
 * Automerge's WASM. Whoever starts a daemon imports this first: it is compiled beside what else is loaded.
 *
 * The package's entry for Node keeps a second copy of its glue code and the bytes of its WASM in memory, 6 MB, and
 * takes 50 ms more of a start.
 */

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

// The types that there are for Node 20 leave it out.
declare const WebAssembly: { compile(bytes: Uint8Array): Promise<unknown> };

export const automergeWasm = WebAssembly.compile(
  readFileSync(createRequire(import.meta.url).resolve('@automerge/automerge/automerge.wasm')),
);
