import { beforeEach, expect, it } from '@jest/globals';
import { maxStrangers, maxStreams, type Slot, StreamSlots } from '../../../../src/daemon/peer/stream-slots.js';

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

it('has the streams of strangers make room, the oldest first, and never those of members', () => {
  const members = Array.from({ length: 20 }, () => open(true)!);
  const strangers = Array.from({ length: 1000 }, () => open()!);
  expect(slots.size).toBe(20 + maxStrangers);
  expect(members.some((one) => evicted.has(one))).toBe(false);
  expect(strangers.filter((one) => !evicted.has(one))).toEqual(strangers.slice(-maxStrangers));
});

it('lets a daemon in that joins, however many streams somebody keeps busy', () => {
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
