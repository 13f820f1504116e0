/**
 * What daemons and clients really said to each other, recorded from processes by record.ts: the material of what is
 * mutated. It is committed, so that the same seed makes the same inputs everywhere.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { decodeMessage, headerBytes } from '../../src/daemon/peer/message.js';
import type { Frame } from '../../src/daemon/core/replication/frame.js';

export interface Corpus {
  /** HTTP requests with their bodies. */
  requests: readonly Buffer[];
  /** Messages of peers, the length before them included. */
  messages: readonly Buffer[];
  /** Changes of documents. */
  changes: readonly Buffer[];
}

const encodings = { requests: 'latin1', messages: 'base64', changes: 'base64' } as const;

const kinds = Object.keys(encodings) as (keyof Corpus)[];

/** Beside this file, wherever it was compiled to. */
const fileOf = (kind: keyof Corpus): URL => new URL(`test/fuzz/corpus/${kind}.json`, root);
const root = new URL(import.meta.url.includes('/.fuzz/') ? '../../../' : '../../', import.meta.url);

export const readCorpus = (): Corpus =>
  Object.fromEntries(
    kinds.map((kind) => {
      const texts = JSON.parse(readFileSync(fileOf(kind), 'utf8')) as string[];
      return [kind, texts.map((text) => Buffer.from(text, encodings[kind]))];
    }),
  ) as unknown as Corpus;

export function writeCorpus(corpus: Corpus): void {
  for (const kind of kinds) {
    const texts = corpus[kind].map((bytes) => bytes.toString(encodings[kind]));
    writeFileSync(fileOf(kind), `${JSON.stringify(texts, null, 2)}\n`);
  }
}

/** The frames in messages that bring one. */
export const framesIn = (messages: readonly Buffer[]): Frame[] =>
  messages.flatMap((bytes) => {
    const [, frame] = decodeMessage(bytes.subarray(headerBytes));
    return frame ? [frame as Frame] : [];
  });
