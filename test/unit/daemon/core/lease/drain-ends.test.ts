import { beforeEach, expect, it } from '@jest/globals';
import type { Decision } from '../../../../../src/crdt/decision.js';
import { View } from '../../../../../src/crdt/view.js';
import { DrainEnds } from '../../../../../src/daemon/core/lease/drain-ends.js';
import { asId } from '../../../../../src/model/registration.js';
import { asRunId, entryOf } from '../../../../helpers/samples.js';

const id = asId('web/1.0.0/10.0.0.1/8080');
const [here, elsewhere] = [asRunId('here'), asRunId('elsewhere')];
const drainFor = (left: number, of: string): Decision => ({ turn: 1, draining: true, id: of, end: { left, until: 0 } });
const drained = entryOf({ life: 'former', rev: 1, decision: drainFor(20_000, 'a') });

let now: number;
let view: View;
let ends: DrainEnds;
beforeEach(() => {
  now = 0;
  view = new View(() => now);
  ends = new DrainEnds(
    view,
    () => now,
    () => 0,
  );
  view.set(here, id, drained);
  now = 5000;
});

/** The drain of the former life ends at 20 s, and not before. */
function expectItsEnd(): void {
  now = 19_999;
  expect(ends.takeDue()).toEqual([]);
  now = 20_000;
  expect(ends.takeDue()).toMatchObject([[id, 'former', { turn: 2, draining: false }]]);
}

it.each([
  ['is not drained', undefined],
  ['is drained for longer', drainFor(60_000, 'b')],
])('a drain ends in time though another life, which %s, has counted meanwhile', (_, decision) => {
  view.set(elsewhere, id, entryOf({ life: 'latter', rev: 2, ...(decision && { decision }) }));
  expect(ends.stamped(drained).decision!.end!.left).toBe(15_000);
  now = 8000;
  view.set(elsewhere, id, undefined);
  expectItsEnd();
});

it('a drain whose time is over while another life counts ends once its own life counts again', () => {
  view.set(elsewhere, id, entryOf({ life: 'latter', rev: 2 }));
  now = 25_000;
  expect(ends.takeDue()).toEqual([]);
  expect(ends.next()).toBeUndefined();
  view.set(elsewhere, id, undefined);
  expect(ends.takeDue()).toMatchObject([[id, 'former', { draining: false }]]);
});

it('nothing is kept of a life that is gone', () => {
  view.set(elsewhere, id, entryOf({ life: 'latter', rev: 2 }));
  expect(ends.size).toBe(1);
  view.set(here, id, undefined);
  ends.tidy();
  expect(ends.size).toBe(0);
});
