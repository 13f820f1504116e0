import { beforeEach, expect, it } from '@jest/globals';
import {
  maxStreams,
  maxStreamsPerAddress,
  type Slot,
  StreamSlots,
} from '../../../../src/daemon/peer/stream-slots.js';

let now: number;
let slots: StreamSlots;
beforeEach(() => {
  now = 0;
  slots = new StreamSlots(() => now);
});

/** Opens a stream as the endpoint does; undefined if it is refused. */
function open(address: string, accepted = false): Slot | undefined {
  if (!slots.makeRoom(address)) return undefined;
  const slot: Slot = { address, heardAt: now, isAccepted: accepted, evict: () => slots.delete(slot) };
  slots.add(slot);
  return slot;
}

const isOpen = (slot: Slot | undefined): boolean => {
  const before = slots.size;
  if (slot) slots.delete(slot);
  const was = slots.size < before;
  if (was) slots.add(slot!);
  return was;
};

it('has the streams of strangers make room, the oldest first, and never those of members', () => {
  const members = Array.from({ length: 20 }, (_, index) => open(`10.0.0.${index}`, true));
  const strangers = Array.from({ length: 1000 }, (_, index) => ((now += 1), open(`10.1.${index % 8}.1`)));
  expect(slots.size).toBe(maxStreams);
  expect(members.every(isOpen)).toBe(true);
  expect(isOpen(strangers[0])).toBe(false);
  expect(isOpen(strangers.at(-1))).toBe(true);
  expect(open('10.9.9.9')).toBeDefined();
});

it('gives one address a part of them', () => {
  for (let index = 0; index < 1000; index++) open('10.1.1.1');
  expect(slots.size).toBe(maxStreamsPerAddress);
});

it('refuses another one where all are in use, and takes it when one has fallen silent', () => {
  const all = Array.from({ length: maxStreamsPerAddress }, () => open('10.0.0.1', true)!);
  expect(open('10.0.0.1')).toBeUndefined();
  now = 6000;
  for (const slot of all.slice(1)) slot.heardAt = now;
  expect(open('10.0.0.1')).toBeDefined();
  expect(isOpen(all[0])).toBe(false);
});
