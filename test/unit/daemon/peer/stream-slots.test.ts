import { beforeEach, expect, it } from '@jest/globals';
import { maxUnknown, maxStreams, type Slot, StreamSlots } from '../../../../src/daemon/peer/stream-slots.js';

let slots: StreamSlots;
let evicted: Set<Slot>;
beforeEach(() => {
  slots = new StreamSlots();
  evicted = new Set();
});

/** Opens a stream as the endpoint does; undefined if it is refused. */
function open(isMember = false): Slot | undefined {
  const slot: Slot = { isMember, evict: () => evicted.add(slot) };
  return slots.add(slot) ? slot : undefined;
}

it('has the streams of unknown callers make room, the oldest first, and never those of members', () => {
  const members = Array.from({ length: 20 }, () => open(true)!);
  const unknown = Array.from({ length: 1000 }, () => open()!);
  expect(slots.size).toBe(20 + maxUnknown);
  expect(members.some((one) => evicted.has(one))).toBe(false);
  expect(unknown.filter((one) => !evicted.has(one))).toEqual(unknown.slice(-maxUnknown));
});

it('lets in a daemon that joins, however many streams other callers keep busy', () => {
  for (let count = 0; count < 500; count++) open();
  const joining = open()!;
  joining.isMember = true;
  for (let count = 0; count < 500; count++) open();
  expect(evicted.has(joining)).toBe(false);
});

it('refuses another one where all are members', () => {
  for (let count = 0; count < maxStreams; count++) expect(open(true)).toBeDefined();
  expect(open()).toBeUndefined();
  expect(evicted.size).toBe(0);
});
