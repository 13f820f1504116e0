/**
 * Automerge's WASM. The start of a daemon imports this first: it is compiled while the rest is loaded.
 *
 * The package's entry for Node would keep a second copy of its glue code and the bytes of its WASM in memory, 6 MB, and
 * start 50 ms slower.
 */

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

// The types for Node 20 leave it out.
declare const WebAssembly: { compile(bytes: Uint8Array): Promise<unknown> };

export const automergeWasm = WebAssembly.compile(
  readFileSync(createRequire(import.meta.url).resolve('@automerge/automerge/automerge.wasm')),
);
