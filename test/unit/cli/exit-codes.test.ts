import { describe, expect, it } from '@jest/globals';
import { toFailure } from '../../../src/cli/exit-codes.js';
import {
  ConflictError,
  InvalidError,
  NotFoundError,
  TimedOutError,
  TooFewOnlineError,
  UnreachableError,
} from '../../../src/model/errors.js';

it.each([
  [new InvalidError('m'), 'INVALID', 2],
  [new UnreachableError('m'), 'UNREACHABLE', 3],
  [new NotFoundError('m'), 'NOT_FOUND', 4],
  [new ConflictError('m'), 'CONFLICT', 5],
  [new TimedOutError('m'), 'TIMED_OUT', 6],
  [new TooFewOnlineError('m'), 'TOO_FEW_ONLINE', 7],
  [Object.assign(new Error('m'), { oclif: { exit: 2 } }), 'INVALID', 2],
  [new TypeError('m'), 'INTERNAL', 1],
  ['m', 'INTERNAL', 1],
])('%s is %s and ends with %i', (error, code, exitCode) => {
  expect(toFailure(error)).toEqual({ code, message: 'm', exitCode });
});

it('ends with 1 for a code that a newer daemon may send', () => {
  expect(toFailure(Object.assign(new InvalidError('m'), { code: 'NEW' })).exitCode).toBe(1);
});

describe('what oclif says over several lines', () => {
  it.each([
    [
      'The following error occurred:\n  \u001b[2mMissing required flag app\u001b[22m\nSee more help with --help',
      '--app is missing',
    ],
    ['The following errors occurred:\n  one\n  two\nSee more help with --help', 'one; two'],
    ["Parsing --ttl \n\tmust be a duration, not 'x'\nSee more help with --help", "--ttl must be a duration, not 'x'"],
    [
      'Missing 1 required arg:\nname  Its name.\n\nNote: --server allows multiple values. Because\nSee more help with --help',
      'Missing 1 required arg: name  Its name.',
    ],
  ])('fits into one: %j', (message, line) => {
    expect(toFailure(Object.assign(new Error(message), { oclif: {} })).message).toBe(line);
  });
});
