/**
 * `npm run fuzz -- --guided`: the same kinds of input, made by libFuzzer from the corpus and from what is new in
 * coverage.
 *
 * Jazzer.js is no dependency: its engine is a binary for a C library that is newer (glibc 2.38) than that of Debian 12.
 * Where it can be loaded, `npm i --no-save @jazzer.js/core` puts it beside the rest.
 */

import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { Document } from '../../src/crdt/document.js';
import { headerBytes } from '../../src/daemon/peer/message.js';
import { contentOf } from '../helpers/forged-change.js';
import { type Corpus, readCorpus } from './corpus.js';

/** What the fuzzer begins with, as the targets take it. */
const seedsOf: Record<keyof Corpus, (bytes: Buffer) => Buffer> = {
  requests: (bytes) => bytes,
  messages: (bytes) => bytes.subarray(headerBytes),
  changes: contentOf,
};

export const guidedTargets = Object.keys(seedsOf) as (keyof Corpus)[];

/** Bytes of an input at most. */
const longestInput = 4096;

/** ms by the clock that an input may take, on a machine that may be busy with other things. */
const limitMs = 20_000;

/**
 * Fuzzes one target in this process, which ends with it. Inputs that were found, and those that reached new code, are
 * left in .fuzz/.
 */
export async function fuzzGuided(target: keyof Corpus, runs: number, seed: number): Promise<void> {
  const here = fileURLToPath(new URL('.', import.meta.url));
  const inputs = join(here, '../../guided', target);
  mkdirSync(inputs, { recursive: true });
  for (const bytes of readCorpus()[target]) {
    const content = seedsOf[target](bytes);
    writeFileSync(join(inputs, createHash('sha1').update(content).digest('hex')), content);
  }
  // Jazzer.js instruments CommonJS as it is loaded.
  const bundle = join(here, 'guided-targets.cjs');
  await build({
    entryPoints: [join(here, 'guided-targets.js')],
    outfile: bundle,
    bundle: true,
    format: 'cjs',
    platform: 'node',
    define: { 'process.env.CBOR_NATIVE_ACCELERATION_DISABLED': '"true"' },
  });
  Object.assign(globalThis, { crdt: { Document } });
  const limits = [`-max_len=${longestInput}`, '-rss_limit_mb=2048', `-artifact_prefix=${inputs}-`];
  process.argv.splice(
    ...[2, Infinity],
    ...[bundle, inputs, '--sync', '--fuzzEntryPoint', target, '--includes', bundle, '--timeout', String(limitMs)],
    ...['--', `-runs=${runs}`, `-seed=${seed}`, '-print_final_stats=1', ...limits],
  );
  createRequire(import.meta.url)('@jazzer.js/core/dist/cli.js');
}
