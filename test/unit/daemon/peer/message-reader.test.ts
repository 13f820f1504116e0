import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { encodeMessage, maxMessageBytes, type Message } from '../../../../src/daemon/peer/message.js';
import { MessageReader } from '../../../../src/daemon/peer/message-reader.js';

const messages: Message[] = [
  [1, { small: true }],
  [2, null, { code: 'INVALID', message: 'no' }],
  [3, { text: 'x'.repeat(5000) }],
];
const stream = Buffer.concat(messages.map(encodeMessage));

it('puts messages together, however they are cut', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: stream.length }), { maxLength: 30 }), (cuts) => {
      const reader = new MessageReader();
      const ends = [0, ...cuts.sort((a, b) => a - b), stream.length];
      const read = ends.slice(1).flatMap((end, index) => [...reader.read(stream.subarray(ends[index], end))]);
      expect(read).toEqual(messages);
      expect(reader.isWaiting).toBe(false);
    }),
  );
});

it('takes time in proportion to the bytes, one at a time', () => {
  const reader = new MessageReader();
  const long = encodeMessage([1, 'x'.repeat(maxMessageBytes / 8)]);
  let whole = 0;
  for (let at = 0; at < long.length; at++) for (const _ of reader.read(long.subarray(at, at + 1))) whole++;
  expect(whole).toBe(1);
});

it.each([
  ['an empty message', Buffer.alloc(4)],
  ['a message that is too long, before it has come', Buffer.from([0, 0x20, 0, 1])],
  ['what is no message', encodeMessage(['one', {}] as unknown as Message)],
  ['a refusal without words', encodeMessage([1, null, { code: 'INVALID' }] as unknown as Message)],
])('refuses %s', (_, bytes) => {
  expect(() => [...new MessageReader().read(bytes)]).toThrow();
});
