/**
 * An operator's decision on one life: to drain it or not. Decisions are ordered by `turn`, independently of the rev: an
 * update by the instance does not undo the decision of an operator, nor the other way round.
 */

import * as v from 'valibot';
import { limits } from '../model/limits.js';
import { visible } from '../model/visible.js';

/** The end of a drain that ends by itself. */
export interface DrainEnd {
  /**
   * ms that were left when this was written. A daemon counts from when it reads it, so it is never early. This is no
   * part of the value: it is less each time that the decision is written again.
   */
  left: number;
  /** Unix ms by the clock of the daemon that took the command; informative. */
  until: number;
}

export interface Decision {
  /** The version of the decision: one above the highest that is known for the life. */
  turn: number;
  draining: boolean;
  /** Why, for other operators. */
  reason?: string;
  /**
   * Random, for a drain: tells it from others of the same turn. Absent if a daemon that knows of no ends has copied the
   * decision: the copy has lost the end, too.
   */
  id?: string;
  /** Absent if it drains until the next decision. */
  end?: DrainEnd;
}

const isVisible = (text: string): boolean => text === '' || visible.test(text);

const endShape = v.object({
  left: v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(limits.drainFor.max)),
  until: v.number(),
});

export const decisionShape = v.object({
  turn: v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(limits.rev)),
  draining: v.boolean(),
  reason: v.optional(v.pipe(v.string(), v.maxLength(limits.reason), v.check(isVisible))),
  id: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(64))),
  // An end of a later version that cannot be read here costs the end, not the decision.
  end: v.fallback(v.optional(endShape), undefined),
});

/**
 * The later of two decisions on one life. Of two concurrent ones, the one that drains, then the greater reason, then
 * the one without an end, then the greater id: all daemons agree. A copy that has lost its id and its end gives way to
 * the original.
 */
export function laterDecision(a: Decision | undefined, b: Decision | undefined): Decision | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return compare(a, b) >= 0 ? a : b;
}

function compare(a: Decision, b: Decision): number {
  if (a.turn !== b.turn) return a.turn - b.turn;
  if (a.draining !== b.draining) return a.draining ? 1 : -1;
  if (a.reason !== b.reason) return order(a.reason ?? '', b.reason ?? '');
  if (a.id === undefined || b.id === undefined) return order(a.id ?? '', b.id ?? '');
  if (!a.end !== !b.end) return a.end ? -1 : 1;
  if (a.id !== b.id) return order(a.id, b.id);
  // One decision, written twice: what was written last has less left.
  return (b.end?.left ?? 0) - (a.end?.left ?? 0);
}

const order = (a: string, b: string): number => (a === b ? 0 : a > b ? 1 : -1);

/** Whether two decisions show the same: a reason is shown while it drains. */
export const showsSame = (a: Decision | undefined, b: Decision | undefined): boolean => {
  const [first, second] = [a?.draining ? a : undefined, b?.draining ? b : undefined];
  return (
    (first === undefined) === (second === undefined) &&
    first?.reason === second?.reason &&
    first?.end?.until === second?.end?.until
  );
};

/** Whether two copies are of one decision. */
export const isSameDecision = (a: Decision | undefined, b: Decision | undefined): boolean =>
  a?.turn === b?.turn && a?.id === b?.id;
