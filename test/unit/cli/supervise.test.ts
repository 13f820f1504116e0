import { describe, expect, it, jest } from '@jest/globals';
import type { Supervised } from '../../../src/cli/supervise.js';
import { supervise } from '../../../src/cli/supervise.js';
import type { Ending, LastWords } from '../../../src/cli/program.js';
import { InvalidError } from '../../../src/model/errors.js';
import { settled } from '../../helpers/virtual-timers.js';

/** Writes down what happens, in order. The program has children that it may leave behind. */
function setUp(changes: Partial<Supervised> = {}, { children = 0, reached = false, deaf = false } = {}) {
  const done: string[] = [];
  const said: string[] = [];
  const sent = new Set<NodeJS.Signals>();
  let running = 1 + children;
  let settle!: (ending: Ending) => void;
  const ended = new Promise<Ending>((resolve) => (settle = resolve));
  const exit = (code: number, signal?: NodeJS.Signals): void => {
    done.push('ended');
    running--;
    settle({ code, ...(signal && { signal }) });
  };
  const lease = {
    ready: Promise.resolve({} as never),
    drain: async () => true,
    stop: async () => {
      await settled();
      if (!done.includes('deregistered')) done.push('deregistered');
    },
  };
  const killAfter = async (_: number, { onKill }: LastWords): Promise<void> => {
    await settled();
    if (running === 0) return;
    onKill([1]);
    sent.add('SIGKILL');
    done.push('killed');
    if (!done.includes('ended')) exit(137, 'SIGKILL');
    running = 0;
  };
  const signal = (name: NodeJS.Signals): void => {
    sent.add(name);
    done.push(name);
    if (deaf || name === 'SIGUSR2') return;
    running = 1;
    exit(143);
  };
  const result = supervise({
    program: {
      ended,
      hasReached: async (name) => {
        if (reached) sent.add(name);
        return reached;
      },
      signal,
      wasSent: (name) => sent.has(name),
      remaining: () => Array.from({ length: running }, (_, index) => index + 1),
      killAfter,
      end: async (graceMs, words) => {
        if (running === 0) return;
        if (done.includes('ended')) done.push('SIGTERM');
        else signal('SIGTERM');
        await killAfter(graceMs, words);
      },
      release: () => undefined,
    },
    ready: async () => undefined,
    readiness: 'it listened on 80',
    hold: () => {
      done.push('registered');
      return lease;
    },
    killAfterMs: 10_000,
    stillAnswers: async () => false,
    tell: (message) => said.push(message),
    onGiveUp: async (error) => {
      said.push((error as Error).message);
      return 1;
    },
    onStopFailure: jest.fn(),
    ...changes,
  });
  return { done, said, exit, result };
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

const untilOver = (over: AbortSignal) =>
  new Promise<void>((resolve) => over.addEventListener('abort', () => resolve()));

it.each([
  [0, 1],
  [3, 3],
])('never registers a program that ends with %i before it is ready, and fails', async (code, expected) => {
  const { done, said, exit, result } = setUp({ ready: untilOver });
  exit(code);
  await expect(result).resolves.toBe(expected);
  await settled();
  expect(done).toEqual(['ended']);
  expect(said).toEqual([`CMD ended (exit code ${code}) before it listened on 80: it was not registered`]);
});

it('has nothing to say of a program that is stopped before it is ready', async () => {
  const { said, result } = setUp({ ready: untilOver });
  await settled();
  process.emit('SIGTERM', 'SIGTERM');
  await expect(result).resolves.toBe(143);
  expect(said).toEqual([]);
});

it('says so, and ends a program that does not become ready', async () => {
  const { done, said, result } = setUp({ ready: () => Promise.reject(new Error('nothing listens')) });
  await expect(result).resolves.toBe(1);
  expect(said).toEqual(['nothing listens']);
  expect(done).toEqual(['SIGTERM', 'ended']);
});

it('ends a program whose registration is refused', async () => {
  const refused = Promise.reject(new InvalidError('ttl'));
  const { done, said, result } = setUp({
    hold: () => ({ ready: refused, stop: async () => undefined, drain: async () => true }),
  });
  await expect(result).resolves.toBe(1);
  expect(said).toEqual(['ttl']);
  expect(done).toEqual(['SIGTERM', 'ended']);
});

it('kills what does not end, after a word', async () => {
  const { done, said, result } = setUp({}, { deaf: true });
  await settled();
  process.emit('SIGTERM', 'SIGTERM');
  await expect(result).resolves.toBe(137);
  expect(done).toEqual(['registered', 'deregistered', 'SIGTERM', 'killed', 'ended']);
  expect(said).toEqual(['CMD has not ended 10 s after it was told to: killing process 1']);
});

it('ends what the program has left running, and says when its port still answers', async () => {
  const { done, said, exit, result } = setUp({ stillAnswers: async () => true }, { children: 1 });
  await settled();
  exit(0);
  await expect(result).resolves.toBe(0);
  expect(done.slice(0, 4)).toEqual(['registered', 'ended', 'deregistered', 'SIGTERM']);
  expect(said.slice(0, 2)).toEqual([
    'CMD ended (exit code 0), but its port still answers: a service has to run in the foreground',
    'ending what CMD has left running: process 1',
  ]);
});

it('does not pass on what the terminal has sent to the program as well', async () => {
  const { done, said, exit, result } = setUp({}, { reached: true });
  await settled();
  process.emit('SIGINT', 'SIGINT');
  await settled();
  exit(130, 'SIGINT');
  await expect(result).resolves.toBe(130);
  expect(done).not.toContain('SIGINT');
  expect(said).toEqual([]);
});

it('says so if a signal that it did not send ended the program', async () => {
  const { said, exit, result } = setUp();
  await settled();
  exit(137, 'SIGKILL');
  await expect(result).resolves.toBe(137);
  expect(said).toEqual(['CMD was ended by SIGKILL, which bender did not send']);
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
    const { done, said, exit, result } = setUp({ drain: untilCut });
    await settled();
    process.emit('SIGTERM', 'SIGTERM');
    exit(0);
    await expect(result).resolves.toBe(0);
    expect(done.slice(0, 3)).toEqual(['registered', 'ended', 'deregistered']);
    expect(said).toEqual(['CMD ended (exit code 0) before its drain was over: bender had not stopped it yet']);
  });
});

describe('a goodbye that no daemon takes', () => {
  const nobody = new Error('no daemon');

  it('is told once', async () => {
    const onStopFailure = jest.fn();
    const stop = () => Promise.reject(nobody);
    const { result } = setUp({
      onStopFailure,
      hold: () => ({ ready: Promise.resolve({} as never), drain: async () => true, stop }),
    });
    await settled();
    process.emit('SIGTERM', 'SIGTERM');
    await result;
    expect(onStopFailure.mock.calls).toEqual([[nobody]]);
  });

  it('is not missed where nothing was registered', async () => {
    const onStopFailure = jest.fn();
    const { result } = setUp({
      onStopFailure,
      hold: () => ({
        ready: new Promise(() => undefined),
        drain: async () => true,
        stop: () => Promise.reject(nobody),
      }),
    });
    await settled();
    process.emit('SIGTERM', 'SIGTERM');
    await result;
    expect(onStopFailure).not.toHaveBeenCalled();
  });
});
