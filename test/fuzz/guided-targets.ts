/**
 * What a fuzzer that is guided by coverage calls with each of its inputs: the readers that stand between the network
 * and the rest, in the fuzzer's own process, since it sees coverage only there. Whatever throws anything but an error
 * for the caller is found, and so is what takes long.
 */

import { readChange } from '../../src/crdt/change-reader.js';
import type { Document as DocumentType } from '../../src/crdt/document.js';
import { checkFrame } from '../../src/daemon/core/replication/frame.js';
import { EventFilter } from '../../src/daemon/http/event-filter.js';
import { decodeMessage, encodeMessage, headerBytes } from '../../src/daemon/peer/message.js';
import { BenderError } from '../../src/model/errors.js';
import { normalizeHost } from '../../src/model/host.js';
import { isShallow } from '../../src/model/json.js';
import { limits } from '../../src/model/limits.js';
import { parseId } from '../../src/model/registration.js';
import { check } from '../../src/model/validate.js';
import { chunkOf } from '../helpers/forged-change.js';

/** What `run` returns; undefined where it throws an error for the caller. */
function unlessRefused<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch (error) {
    if (error instanceof BenderError) return undefined;
    throw error;
  }
}

/** A message of a peer, without its length. */
export function messages(input: Buffer): void {
  const message = unlessRefused(() => decodeMessage(input));
  if (!message) return;
  const again = unlessRefused(() => decodeMessage(encodeMessage(message).subarray(headerBytes)));
  if (!again) throw new Error('a message that was taken, and is refused when it is sent on');
  unlessRefused(() => checkFrame(message[1], 'default'));
}

/** Handed in by guided.ts: loading Automerge takes an await, which CommonJS does not have. */
const { Document } = (globalThis as unknown as { crdt: { Document: typeof DocumentType } }).crdt;
let actors = 0;

/**
 * The content of a change, around which length and checksum are put right. Automerge must be able to apply what the
 * reader takes.
 */
export function changes(input: Buffer): void {
  const change = unlessRefused(() => readChange(chunkOf(input)));
  if (!change) return;
  const document = new Document((++actors).toString(16).padStart(32, '0'));
  try {
    document.apply([change]);
    document.put('ours', 'after it');
    document.commit();
    if (document.dead || document.get('ours') !== 'after it') throw new Error('it killed the document');
  } finally {
    document.free();
  }
}

const bodies = [
  ...(['address', 'options', 'registration', 'health', 'state', 'backend', 'backendChange'] as const),
  ...(['frontend', 'frontendChange', 'renewals'] as const),
];

/** An HTTP request, of which only its URL and its body are looked at. */
export function requests(input: Buffer): void {
  const text = input.toString();
  const [, path = '', query = ''] = /^\S* ([^\s?]*)\??(\S*)/.exec(text) ?? [];
  unlessRefused(() => new EventFilter(new URLSearchParams(query)));
  for (const part of path.split('/')) normalizeHost(part);
  unlessRefused(() => parseId(path.slice(1)));
  let body: unknown;
  try {
    body = JSON.parse(text.slice(text.indexOf('\r\n\r\n') + 4));
  } catch {
    return;
  }
  if (isShallow(body, limits.metaLevels + 2)) for (const kind of bodies) unlessRefused(() => check(kind, body));
}
