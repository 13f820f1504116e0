import { expect, it, jest } from '@jest/globals';
import { EventEmitter } from 'node:events';
import { type Signalled, type Stoppable, StopSignals } from '../../../../src/client/service/signals.js';
import { settled } from '../../../helpers/virtual-timers.js';

/** A process that notes how it ends. */
class Program extends EventEmitter {
  readonly ends: (string | number)[] = [];
  constructor(readonly pid = 77) {
    super();
  }
  kill = (pid: number, signal: string): void => void this.ends.push(`${pid} ${signal}`);
  exit = (code: number): void => void this.ends.push(code);
}

function setUp(pid?: number) {
  const program = new Program(pid);
  const signals = new StopSignals(program as unknown as Signalled);
  /** A service that ends when the test says so, and then forgets its signals. */
  const service = (names: NodeJS.Signals[] = ['SIGTERM', 'SIGINT']) => {
    let end!: () => void;
    const ended = new Promise<void>((resolve) => (end = resolve));
    const stoppable = { stop: jest.fn<Stoppable['stop']>(() => ended), hurry: jest.fn<() => void>() };
    const forget = signals.stopOn(names, stoppable);
    return {
      ...stoppable,
      end: async () => {
        forget();
        end();
        await settled();
      },
    };
  };
  return { program, service };
}

it('stops all services on the first signal, and ends the process by it when all have ended', async () => {
  const { program, service } = setUp();
  const [a, b] = [service(), service()];
  expect(program.listenerCount('SIGTERM')).toBe(1);
  program.emit('SIGTERM', 'SIGTERM');
  expect(a.stop.mock.calls).toEqual([['stopping: SIGTERM']]);
  expect(b.stop).toHaveBeenCalledTimes(1);
  await a.end();
  expect(program.ends).toEqual([]);
  await b.end();
  expect(program.ends).toEqual(['77 SIGTERM']);
  expect(program.eventNames()).toEqual([]);
});

it('hurries them on a repeated signal', async () => {
  const { program, service } = setUp();
  const one = service();
  program.emit('SIGINT', 'SIGINT');
  expect(one.hurry).not.toHaveBeenCalled();
  program.emit('SIGTERM', 'SIGTERM');
  program.emit('SIGINT', 'SIGINT');
  expect(one.hurry).toHaveBeenCalledTimes(2);
  expect(one.stop).toHaveBeenCalledTimes(1);
  await one.end();
  expect(program.ends).toEqual(['77 SIGINT']);
});

it('leaves the end to a program that listens for the signal itself', async () => {
  const { program, service } = setUp();
  const own = jest.fn();
  program.on('SIGTERM', own);
  const one = service();
  program.emit('SIGTERM', 'SIGTERM');
  await one.end();
  expect(own).toHaveBeenCalledTimes(1);
  expect(program.ends).toEqual([]);
  expect(program.listeners('SIGTERM')).toEqual([own]);
});

it('exits as the first process of a container, which no signal of its own ends', async () => {
  const { program, service } = setUp(1);
  const one = service();
  program.emit('SIGTERM', 'SIGTERM');
  await one.end();
  expect(program.ends[0]).toBe(143);
});

it('listens only for the signals that a service wants, and no longer than it runs', async () => {
  const { program, service } = setUp();
  service([]);
  expect(program.eventNames()).toEqual([]);
  const one = service(['SIGUSR2']);
  expect(program.eventNames()).toEqual(['SIGUSR2']);
  await one.end();
  expect(program.eventNames()).toEqual([]);
  expect(program.ends).toEqual([]);
});
