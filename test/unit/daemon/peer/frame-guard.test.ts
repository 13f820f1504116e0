import { expect, it } from '@jest/globals';
import { Encoder } from 'cbor-x';
import fc from 'fast-check';
import { maxDepth, problemWith } from '../../../../src/daemon/peer/frame-guard.js';
import { decodeMessage, encodeMessage, headerBytes } from '../../../../src/daemon/peer/message.js';
import type { Frame } from '../../../../src/daemon/core/replication/frame.js';
import {
  cborHead,
  dateOfReferences,
  hugeNumber,
  packedTexts,
  sharedReferences,
} from '../../../helpers/hostile-cbor.js';
import { World } from '../../../helpers/world.js';

const codec = new Encoder({ useRecords: false, tagUint8Array: false });
const encode = (value: unknown): Buffer => Buffer.from(codec.encode(value));
const bytes = (...parts: (number | Uint8Array)[]): Buffer =>
  Buffer.concat(parts.map((part) => (typeof part === 'number' ? Buffer.from([part]) : part)));

it.each<[string, Buffer, string]>([
  ['packed texts, which cbor-x joins without end', packedTexts, 'it has a tag'],
  ['a date that is a graph', dateOfReferences, 'it has a tag'],
  ['shared references', sharedReferences(27), 'it has a tag'],
  ['a number of 200,000 bytes', hugeNumber, 'it has a tag'],
  ['bytes with a tag', encode([1, Object.assign(new Date())]), 'it has a tag'],
  ['an array that is left open', bytes(0x9f, 1, 0xff), 'it has a length that is left open'],
  ['a text that is left open', bytes(0x7f, 0x61, 0x61, 0xff), 'it has a length that is left open'],
  ['a length of a reserved form', bytes(0x9c), 'it has a length that is left open'],
  ['a break', bytes(0xff), 'it has a simple value or float of another kind'],
  ['a half float', bytes(0xf9, 0, 0), 'it has a simple value or float of another kind'],
  ['a simple value', bytes(0xf8, 32), 'it has a simple value or float of another kind'],
  ['a key that is no text', bytes(0xa1, 1, 1), 'a key of a map is not a text'],
  ['an array of 2^32 items', bytes(0x9a, 0xff, 0xff, 0xff, 0xff), 'it ends too early'],
  ['an array of 2^53 items', bytes(0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff), 'it ends too early'],
  ['a text that is longer than all', bytes(0x7a, 0x7f, 0xff, 0xff, 0xff), 'it ends too early'],
  ['a double that is cut off', bytes(0xfb, 0, 0), 'it ends too early'],
  ['a length that is cut off', bytes(0x5a, 0), 'it ends too early'],
  ['nothing', Buffer.alloc(0), 'it ends too early'],
  ['two items', bytes(1, 2), 'something follows it'],
  ['200,000 levels', Buffer.alloc(200_000, 0x81), 'it is nested too deeply'],
  ['a million empty arrays', bytes(cborHead(4, 1_000_000), Buffer.alloc(1_000_000, 0x80)), 'it has too many items'],
])('refuses %s', (_, item, problem) => {
  expect(problemWith(item)).toBe(problem);
});

it('takes what JSON has, bytes and undefined, and no more levels than there may be', () => {
  for (const value of [0, -1, 2 ** 40, -(2 ** 40), 0.5, 1e300, 'é', '', true, false, null, undefined, [], {}])
    expect(problemWith(encode([1, { value, bytes: new Uint8Array(70_000) }]))).toBeUndefined();
  const nested = (levels: number): unknown => (levels === 0 ? 1 : [nested(levels - 1)]);
  expect(problemWith(encode(nested(maxDepth)))).toBeUndefined();
  expect(problemWith(encode(nested(maxDepth + 1)))).toBe('it is nested too deeply');
});

it('takes any JSON value as it comes from the encoder', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 8 }), (value) => {
      expect(problemWith(encode(value))).toBeUndefined();
    }),
  );
});

it('never throws and never lets the decoder meet what it would choke on, whatever the bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (random) => {
      const item = Buffer.from(random);
      if (problemWith(item) === undefined) expect(() => codec.decode(item) as unknown).not.toThrow();
    }),
    { numRuns: 5000 },
  );
});

it('refuses nothing that daemons say to each other', async () => {
  const world = new World(7, { loss: 0.05 });
  const frames: Frame[] = [];
  world.onMessage = (_from, _to, frame) => void frames.push(frame);
  const names = Array.from({ length: 10 }, (_, index) => `d${index}`);
  for (const name of names) await world.complete(world.start(name, { peers: [world.host('d0').url], historySlack: 5 }));
  for (let index = 0; index < 60; index++) {
    const { daemon } = world.host(names[index % names.length]!);
    daemon!.register(
      { app: 'web', version: `1.${index % 7}.0`, host: `10.0.0.${(index % 30) + 1}`, port: 80 },
      { ttl: 2000, meta: { deep: { zone: 'é', weights: [0.5, -1, null, true] }, index } },
    );
    if (index % 9 === 0) daemon!.catalog.backends.create({ name: `b${index}`, app: 'web', version: '1' }, 'ann');
    await world.advance(150);
  }
  world.kill('d3');
  await world.advance(6000);
  expect(frames.length).toBeGreaterThan(1000);
  for (const frame of frames) {
    const message = encodeMessage([1, frame]).subarray(headerBytes);
    expect(problemWith(message)).toBeUndefined();
    expect(decodeMessage(message)).toEqual([1, frame]);
  }
});
