import { expect, it } from '@jest/globals';
import type { Decision } from '../../../../../src/crdt/decision.js';
import { nextDecision } from '../../../../../src/daemon/core/lease/next-decision.js';
import type { RegistrationState } from '../../../../../src/model/registration.js';

const runtime = { randomId: () => 'new', wallNow: () => 1000 };
const drained: Decision = { turn: 4, draining: true, reason: 'r', id: 'old' };
const timed: Decision = { ...drained, end: { left: 500, until: 700 } };
const end = { left: 2000, until: 3000 };

it.each<[string, Decision | undefined, RegistrationState, Decision | undefined]>([
  ['the first drain', undefined, { draining: true }, { turn: 1, draining: true, id: 'new' }],
  ['a drain with an end', undefined, { draining: true, forMs: 2000 }, { turn: 1, draining: true, id: 'new', end }],
  ['the same drain', drained, { draining: true }, undefined],
  ['the same drain and reason', drained, { draining: true, reason: 'r' }, undefined],
  ['another reason', drained, { draining: true, reason: 's' }, { turn: 5, draining: true, reason: 's', id: 'new' }],
  ['an end', drained, { draining: true, forMs: 2000 }, { turn: 5, draining: true, reason: 'r', id: 'new', end }],
  ['another end', timed, { draining: true, forMs: 2000 }, { turn: 5, draining: true, reason: 'r', id: 'new', end }],
  ['no end any more', timed, { draining: true, reason: 'r' }, { turn: 5, draining: true, reason: 'r', id: 'new' }],
  ['undrain', timed, { draining: false }, { turn: 5, draining: false }],
  ['undrain of what does not drain', undefined, { draining: false, reason: 'x' }, undefined],
])('%s', (_, before, state, decision) => {
  expect(nextDecision(before, state, runtime)).toEqual(decision);
});
