import { expect, it, jest } from '@jest/globals';
import type { LeaseState } from '../../../src/client/lease-states.js';
import { Lease } from '../../../src/client/lease.js';
import { InvalidError, NotFoundError, ReplacedError } from '../../../src/model/errors.js';
import { address, FakeRegistrar, unreachable } from '../../helpers/fake-registrar.js';
import { settled, VirtualTimers } from '../../helpers/virtual-timers.js';

/** A lease, and all that a consumer has read of it. */
function setUp(failures: (Error | undefined)[] = []) {
  const timers = new VirtualTimers();
  const registrar = new FakeRegistrar(timers);
  registrar.failures = failures;
  const lease = new Lease(registrar, 1, address, { timers });
  const states: LeaseState[] = [];
  const ended = (async () => {
    for await (const state of lease) states.push(state);
  })();
  return { timers, registrar, lease, states, ended };
}

const typesOf = (states: LeaseState[]): string[] => states.map(({ type }) => type);

it('tells of the registration, of trouble with its error and time, and of the recovery', async () => {
  const { timers, registrar, states } = setUp();
  await timers.advance(500);
  registrar.failures = [unreachable, unreachable];
  await timers.advance(2000);
  expect(states).toMatchObject([
    { type: 'registering', standing: 'registering' },
    { type: 'registered', standing: 'registered', server: 'http://a', registration: { ttl: 3000 } },
    { type: 'renewing-fails', standing: 'registered', isFailing: true, error: unreachable },
    { type: 'recovered', isFailing: false },
  ]);
  const trouble = states[2] as LeaseState & { since: number };
  expect(Math.abs(trouble.since - Date.now())).toBeLessThan(60_000);
});

it('tells that it was registered again, and that it has moved', async () => {
  const { timers, registrar, states } = setUp();
  await timers.advance(500);
  registrar.failures = [new NotFoundError('gone')];
  registrar.servers = { current: 'http://b' };
  await timers.advance(1000);
  expect(states.slice(2)).toMatchObject([
    { type: 'moved', from: 'http://a', to: 'http://b', server: 'http://b' },
    { type: 'registered-again', server: 'http://b' },
  ]);
});

it('tells that it was replaced, and goes on', async () => {
  const { timers, registrar, states } = setUp();
  await timers.advance(500);
  const replaced = new ReplacedError('replaced', 'web/2/10.0.0.5/8080');
  registrar.failures = [replaced, replaced, new NotFoundError('gone')];
  await timers.advance(2000);
  expect(states.slice(2)).toMatchObject([
    { type: 'replaced', by: 'web/2/10.0.0.5/8080', standing: 'replaced' },
    { type: 'registered-again', standing: 'registered' },
  ]);
});

it('tells of its health once', async () => {
  const { timers, lease, states } = setUp();
  await timers.advance(500);
  lease.report('down');
  lease.report('down');
  await timers.advance(500);
  lease.report(null);
  await timers.advance(100);
  expect(states.slice(2)).toMatchObject([
    { type: 'unhealthy', unhealthy: 'down' },
    { type: 'healthy', unhealthy: null },
  ]);
});

it("tells of an operator's drain and undrain", async () => {
  const { timers, registrar, states } = setUp();
  await timers.advance(500);
  registrar.found = { draining: true, drainReason: 'kernel' };
  await timers.advance(1000);
  registrar.found = { draining: false };
  await timers.advance(2000);
  expect(states.slice(2)).toMatchObject([
    { type: 'draining', isDraining: true, reason: 'kernel' },
    { type: 'undrained', isDraining: false },
  ]);
});

it('does not take the drain of another instance, or a look-up that fails, for its own', async () => {
  const { timers, registrar, states } = setUp();
  await timers.advance(500);
  registrar.found = undefined;
  await timers.advance(1000);
  registrar.instances[0] = 'another';
  registrar.found = { draining: true };
  await timers.advance(1000);
  expect(typesOf(states)).toEqual(['registering', 'registered']);
  expect(registrar.calls).toEqual(['register 0', 'renew 1000', 'renew 2000']);
});

it('tells of its own drain when a daemon knows of it', async () => {
  const { timers, registrar, lease, states } = setUp();
  await timers.advance(500);
  registrar.failures = [unreachable];
  await lease.drain('stopping').catch(() => undefined);
  expect(typesOf(states)).toEqual(['registering', 'registered']);
  registrar.found = { draining: true, drainReason: 'stopping' };
  await timers.advance(1600);
  expect(states.slice(2)).toMatchObject([{ type: 'draining', reason: 'stopping' }]);
});

it('looks nothing up while nothing reads its states', async () => {
  const timers = new VirtualTimers();
  const registrar = new FakeRegistrar(timers);
  const lease = new Lease(registrar, 1, address, { timers });
  await timers.advance(2500);
  expect(registrar.lookUps).toBe(0);
  const stop = new AbortController();
  const states = lease.states({ signal: stop.signal });
  await timers.advance(1000);
  expect(registrar.lookUps).toBe(1);
  stop.abort();
  await timers.advance(5000);
  expect(registrar.lookUps).toBe(1);
  await expect(states.next()).resolves.toEqual({ done: true, value: undefined });
});

it('ends the iteration with stop, with the error if no daemon could be told', async () => {
  const { lease, ended, registrar, states } = setUp();
  await lease.ready;
  await settled();
  registrar.failures = [unreachable];
  await expect(lease.stop()).rejects.toBe(unreachable);
  await ended;
  expect(states.at(-1)).toMatchObject({ type: 'stopped', standing: 'ended', error: unreachable });
});

it('ends the iteration with a refusal', async () => {
  const refusal = new InvalidError('ttl');
  const { lease, ended, states } = setUp([refusal]);
  await ended;
  expect(states.map(({ type }) => type)).toEqual(['registering', 'refused']);
  expect(states.at(-1)).toMatchObject({ error: refusal });
  await lease.stop();
});

it('is stopped by await using, which does not throw if no daemon can be told', async () => {
  const { lease, registrar, ended, states } = setUp();
  await lease.ready;
  await settled();
  registrar.failures = [unreachable];
  await lease[Symbol.asyncDispose]();
  await ended;
  expect(registrar.calls).toEqual(['register 0', 'deregister 0']);
  expect(typesOf(states)).toEqual(['registering', 'registered', 'stopped']);
});

it('leaves no rejection unhandled that a consumer could not know of', async () => {
  const rejected = jest.fn();
  process.on('unhandledRejection', rejected);
  const { lease, ended } = setUp([new InvalidError('ttl')]);
  await ended;
  await lease.stop();
  await settled();
  process.off('unhandledRejection', rejected);
  expect(rejected).not.toHaveBeenCalled();
});
