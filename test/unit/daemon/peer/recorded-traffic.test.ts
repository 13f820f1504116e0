/** What daemons and clients really said, as it was recorded for `npm run fuzz`: no guard refuses any of it. */

import { expect, it } from '@jest/globals';
import { readChange } from '../../../../src/crdt/change-reader.js';
import { checkFrame } from '../../../../src/daemon/core/replication/frame.js';
import { decodeMessage, encodeMessage, headerBytes } from '../../../../src/daemon/peer/message.js';
import { framesIn, readCorpus } from '../../../fuzz/corpus.js';

const { requests, messages, changes } = readCorpus();

it('has something of each kind', () => {
  expect(requests.length).toBeGreaterThan(40);
  expect(messages.length).toBeGreaterThan(40);
  expect(changes.length).toBeGreaterThan(40);
});

it('passes the guard of frames', () => {
  for (const bytes of messages) {
    const message = decodeMessage(bytes.subarray(headerBytes));
    expect(decodeMessage(encodeMessage(message).subarray(headerBytes))).toEqual(message);
  }
});

// If it does not, the protocol has changed: npm run fuzz -- --record writes the corpus anew.
it('is of the present protocol', () => {
  for (const frame of framesIn(messages)) expect(() => checkFrame(frame, 'default')).not.toThrow();
});

it('passes the guard of changes', () => {
  for (const bytes of changes) expect(() => readChange(bytes)).not.toThrow();
});
