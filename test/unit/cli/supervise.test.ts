import { describe, expect, it, jest } from '@jest/globals';
import type { Supervised } from '../../../src/cli/supervise.js';
import { supervise } from '../../../src/cli/supervise.js';
import { InvalidError } from '../../../src/model/errors.js';
import { settled } from '../../helpers/virtual-timers.js';

/** Writes down what happens, in order. */
function setUp(changes: Partial<Supervised> = {}) {
  const done: string[] = [];
  let exit!: (code: number) => void;
  const exited = new Promise<number>((resolve) => {
    exit = (code) => {
      done.push('ended');
      resolve(code);
    };
  });
  const lease = {
    ready: Promise.resolve({} as never),
    drain: async () => true,
    stop: async () => {
      await settled();
      if (!done.includes('deregistered')) done.push('deregistered');
    },
  };
  const result = supervise({
    program: {
      exited,
      signal: (signal) => {
        done.push(signal);
        if (signal !== 'SIGUSR2') exit(143);
      },
    },
    ready: async () => undefined,
    hold: () => {
      done.push('registered');
      return lease;
    },
    onStopFailure: jest.fn(),
    ...changes,
  });
  return { done, exit, result };
}

it('holds the registration while the program lives, and ends as it ends', async () => {
  const { done, exit, result } = setUp();
  await settled();
  exit(7);
  await expect(result).resolves.toBe(7);
  expect(done).toEqual(['registered', 'ended', 'deregistered']);
});

it.each(['SIGTERM', 'SIGINT'] as const)('deregisters before it passes %s on', async (signal) => {
  const { done, result } = setUp();
  await settled();
  process.emit(signal, signal);
  await expect(result).resolves.toBe(143);
  expect(done).toEqual(['registered', 'deregistered', signal, 'ended']);
});

it('passes other signals on and holds on', async () => {
  const { done, exit, result } = setUp();
  await settled();
  process.emit('SIGUSR2', 'SIGUSR2');
  await settled();
  expect(done).toEqual(['registered', 'SIGUSR2']);
  exit(0);
  await result;
});

it('never registers a program that ends before it is ready', async () => {
  const ready = (over: AbortSignal) =>
    new Promise<void>((resolve) => over.addEventListener('abort', () => resolve()));
  const { done, exit, result } = setUp({ ready });
  exit(1);
  await expect(result).resolves.toBe(1);
  await settled();
  expect(done).toEqual(['ended']);
});

it('ends a program that does not become ready', async () => {
  const { done, result } = setUp({ ready: () => Promise.reject(new Error('nothing listens')) });
  await expect(result).rejects.toThrow('nothing listens');
  expect(done).toEqual(['SIGTERM', 'ended']);
});

it('ends a program whose registration is refused', async () => {
  const refused = Promise.reject(new InvalidError('ttl'));
  const { done, result } = setUp({
    hold: () => ({ ready: refused, stop: async () => undefined, drain: async () => true }),
  });
  await expect(result).rejects.toThrow(InvalidError);
  expect(done).toEqual(['SIGTERM', 'ended']);
});

it('ends with the program, and tells, where it could not be deregistered', async () => {
  const onStopFailure = jest.fn();
  const lease = {
    ready: Promise.resolve({} as never),
    stop: () => Promise.reject(new Error('no daemon')),
    drain: async () => true,
  };
  const { exit, result } = setUp({ hold: () => lease, onStopFailure });
  exit(0);
  await expect(result).resolves.toBe(0);
  expect(onStopFailure).toHaveBeenCalled();
});

it('leaves no signal handlers behind', async () => {
  const before = process.listenerCount('SIGTERM');
  const { exit, result } = setUp();
  expect(process.listenerCount('SIGTERM')).toBe(before + 1);
  exit(0);
  await result;
  expect(process.listenerCount('SIGTERM')).toBe(before);
});

describe('with a drain', () => {
  const untilCut: Supervised['drain'] = (_, cut) =>
    new Promise((resolve) => cut.addEventListener('abort', () => resolve()));

  it('deregisters and passes the signal on when that is over', async () => {
    let drained!: () => void;
    const drain = () => new Promise<void>((resolve) => (drained = resolve));
    const { done, result } = setUp({ drain });
    await settled();
    process.emit('SIGTERM', 'SIGTERM');
    await settled();
    expect(done).toEqual(['registered']);
    drained();
    await expect(result).resolves.toBe(143);
    expect(done).toEqual(['registered', 'deregistered', 'SIGTERM', 'ended']);
  });

  it('cuts it short at a second signal, and passes on the first', async () => {
    const { done, result } = setUp({ drain: untilCut });
    await settled();
    process.emit('SIGTERM', 'SIGTERM');
    await settled();
    process.emit('SIGINT', 'SIGINT');
    await expect(result).resolves.toBe(143);
    expect(done).toEqual(['registered', 'deregistered', 'SIGTERM', 'ended']);
  });

  it('ends with a program that does not wait for it', async () => {
    const { done, exit, result } = setUp({ drain: untilCut });
    await settled();
    process.emit('SIGTERM', 'SIGTERM');
    exit(0);
    await expect(result).resolves.toBe(0);
    expect(done.slice(0, 3)).toEqual(['registered', 'ended', 'deregistered']);
  });
});
