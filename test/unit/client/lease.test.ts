import { describe, expect, it, jest } from '@jest/globals';
import { Lease } from '../../../src/client/lease.js';
import {
  BenderError,
  InvalidError,
  NotFoundError,
  ReplacedError,
  UnreachableError,
} from '../../../src/model/errors.js';
import { formatId } from '../../../src/model/registration.js';
import { address, FakeRegistrar, unreachable } from '../../helpers/fake-registrar.js';
import { VirtualTimers, settled } from '../../helpers/virtual-timers.js';

function setUp({
  failures = [] as (Error | undefined)[],
  servers = 1,
  random = 0,
  ttl = undefined as number | undefined,
} = {}) {
  const timers = new VirtualTimers();
  timers.random = () => random;
  const registrar = new FakeRegistrar(timers);
  registrar.failures = failures;
  const news = {
    onRegistered: jest.fn(),
    onTrouble: jest.fn(),
    onRecovered: jest.fn(),
    onReplaced: jest.fn(),
  };
  const lease = new Lease(registrar, servers, { ...address, ...(ttl && { ttl }) }, { ...news, timers });
  return { timers, registrar, lease, news };
}

it('registers, then renews at the pace that the daemon has told', async () => {
  const { timers, registrar, lease } = setUp();
  await expect(lease.ready).resolves.toMatchObject({ id: formatId(address) });
  await timers.advance(2500);
  expect(registrar.calls).toEqual(['register 0', 'renew 1000', 'renew 2000']);
});

it('renews up to a tenth earlier, so that those that started together spread', async () => {
  const { timers, registrar } = setUp({ random: 1 });
  await timers.advance(2000);
  expect(registrar.calls).toEqual(['register 0', 'renew 900', 'renew 1800']);
});

it('registers again what the daemon no longer knows, as the same instance', async () => {
  const { timers, registrar, news } = setUp();
  await timers.advance(500);
  registrar.failures = [new NotFoundError('gone')];
  await timers.advance(1000);
  expect(registrar.calls).toEqual(['register 0', 'renew 1000', 'register 1000']);
  expect(registrar.instances[0]).toBe(registrar.instances[1]);
  expect(news.onRegistered).toHaveBeenCalledTimes(2);
  expect(news.onTrouble).not.toHaveBeenCalled();
});

it('carries an instance of its own, another one for each lease', () => {
  const [first] = setUp().registrar.instances;
  const [second] = setUp().registrar.instances;
  expect(first).toBeTruthy();
  expect(first).not.toBe(second);
});

it('never gives up while no daemon can be reached, and tells once', async () => {
  const { timers, registrar, lease, news } = setUp({ failures: Array<Error>(5).fill(unreachable) });
  await timers.advance(5000);
  await lease.ready;
  expect(registrar.calls[5]).toBe('register 1250');
  expect(news.onTrouble).toHaveBeenCalledTimes(1);
  expect(news.onRecovered).toHaveBeenCalledTimes(1);
});

it('goes on through errors of the daemon', async () => {
  const { timers, lease } = setUp({ failures: [new BenderError('INTERNAL', 'bug')] });
  await timers.advance(1000);
  await expect(lease.ready).resolves.toBeDefined();
});

it('gives up where the first registration is refused', async () => {
  const { timers, registrar, lease } = setUp({ failures: [new InvalidError('ttl')] });
  await expect(lease.ready).rejects.toThrow(InvalidError);
  await timers.advance(10_000);
  await lease.stop();
  expect(registrar.calls).toEqual(['register 0']);
});

it('goes on when a later registration is refused', async () => {
  const { timers, registrar } = setUp();
  await timers.advance(500);
  registrar.failures = [new NotFoundError('gone'), new InvalidError('new rules')];
  await timers.advance(1000);
  expect(registrar.calls.slice(1)).toEqual(['renew 1000', 'register 1000', 'register 1187.5']);
});

it.each([
  [1, 4000, 1000],
  [2, 4000, 1000],
  [4, 4000, 500],
  [1, 60_000, 5000],
  [1, 1, 100],
])('gives each of %i servers at TTL %i no more than %i ms', (servers, ttl, timeoutMs) => {
  expect(setUp({ servers, ttl }).registrar.timeouts).toEqual([timeoutMs]);
});

it('registers nothing if its check is malformed, since nothing could stop it', async () => {
  const timers = new VirtualTimers();
  const registrar = new FakeRegistrar(timers);
  expect(() => new Lease(registrar, 1, address, { check: { check: 'ping' }, timers })).toThrow(InvalidError);
  await timers.advance(5000);
  expect(registrar.calls).toEqual([]);
});

it('makes a warning of a callback that rejects', async () => {
  const warned = jest.spyOn(process, 'emitWarning').mockReturnValue(undefined);
  const timers = new VirtualTimers();
  const onRegistered = async (): Promise<void> => Promise.reject(new Error('a fault of the program'));
  // A linter would object to the async callback.
  const lease = new Lease(new FakeRegistrar(timers), 1, address, Object.assign({ timers }, { onRegistered }));
  await lease.ready;
  await settled();
  expect(warned).toHaveBeenCalledWith(new Error('a fault of the program'));
  warned.mockRestore();
});

describe('stop', () => {
  it('has `ready` reject with an error of the library if no daemon has answered', async () => {
    const { timers, lease } = setUp({ failures: Array<Error>(9).fill(unreachable) });
    lease.stop().catch(() => undefined);
    await timers.advance(0);
    await expect(lease.ready).rejects.toThrow(new UnreachableError('it was stopped before a daemon had answered'));
  });

  it('deregisters, and nothing after', async () => {
    const { timers, registrar, lease } = setUp();
    await timers.advance(1500);
    await Promise.all([lease.stop(), lease.stop()]);
    await timers.advance(5000);
    expect(registrar.calls).toEqual(['register 0', 'renew 1000', 'deregister 1500']);
  });

  it('waits for a registration under way, which may arrive after all', async () => {
    const { timers, registrar, lease } = setUp({ failures: [unreachable] });
    const stopped = lease.stop();
    await timers.advance(0);
    await stopped;
    expect(registrar.calls).toEqual(['register 0', 'deregister 0']);
    await expect(lease.ready).rejects.toThrow('stopped');
  });

  it('is content when the registration is gone already', async () => {
    const { registrar, lease } = setUp();
    await lease.ready;
    registrar.failures = [new NotFoundError('gone')];
    await expect(lease.stop()).resolves.toBeUndefined();
  });

  it('says so when no daemon could be told', async () => {
    const { registrar, lease } = setUp();
    await lease.ready;
    await settled();
    registrar.failures = [unreachable];
    await expect(lease.stop()).rejects.toThrow(UnreachableError);
  });
});

it('drains while it goes on renewing, and again where it had to be registered again', async () => {
  const { timers, registrar, lease } = setUp();
  await timers.advance(500);
  await expect(lease.drain('stopping')).resolves.toBe(true);
  registrar.failures = [new NotFoundError('gone')];
  await timers.advance(1000);
  expect(registrar.calls).toEqual([
    'register 0',
    'draining:true stopping 500',
    'renew 1000',
    'register 1000',
    'draining:true stopping 1000',
  ]);
});

it('has nothing to drain before it is registered, and says where it could not be', async () => {
  const early = setUp({ failures: [unreachable] });
  await expect(early.lease.drain('stopping')).resolves.toBe(false);
  const { timers, registrar, lease } = setUp();
  await timers.advance(500);
  registrar.failures = [unreachable];
  await expect(lease.drain('stopping')).rejects.toBe(unreachable);
});

it('tells a drain again with the next renewals until a daemon has taken it', async () => {
  const { timers, registrar, lease } = setUp();
  await timers.advance(500);
  registrar.failures = [unreachable];
  await expect(lease.drain('stopping')).rejects.toBe(unreachable);
  await timers.advance(1600);
  expect(registrar.calls.slice(1)).toEqual([
    'draining:true stopping 500',
    'renew 1000',
    'draining:true stopping 1000',
    'renew 2000',
  ]);
});

it('is ready once the registration was taken, also if the drain that follows was not', async () => {
  const { timers, registrar, lease, news } = setUp({ failures: [unreachable, undefined, unreachable] });
  await lease.drain('stopping');
  await timers.advance(1000);
  await expect(lease.ready).resolves.toBeDefined();
  expect(news.onRegistered).toHaveBeenCalledTimes(1);
  expect(registrar.calls).toEqual([
    'register 0',
    'register 250',
    'draining:true stopping 250',
    'renew 437.5',
    'draining:true stopping 437.5',
  ]);
});

describe('a callback that throws', () => {
  const thrown = new Error('a bug of the user');
  const fail = (): never => {
    throw thrown;
  };

  it('does not keep the lease from getting ready and from renewing', async () => {
    const warned = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const { timers, registrar, lease, news } = setUp();
    news.onRegistered.mockImplementation(fail);
    await expect(lease.ready).resolves.toMatchObject({ id: formatId(address) });
    await timers.advance(1500);
    expect(registrar.calls).toEqual(['register 0', 'renew 1000']);
    expect(warned).toHaveBeenCalledWith(thrown);
    warned.mockRestore();
  });

  it('does not end the renewals when there is trouble', async () => {
    const warned = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const { timers, registrar, news } = setUp();
    news.onTrouble.mockImplementation(fail);
    news.onRecovered.mockImplementation(fail);
    await timers.advance(500);
    registrar.failures = [unreachable];
    await timers.advance(2000);
    expect(registrar.calls).toEqual(['register 0', 'renew 1000', 'renew 1187.5', 'renew 2187.5']);
    expect(warned).toHaveBeenCalledTimes(2);
    warned.mockRestore();
  });
});

describe('when another instance has registered at its address', () => {
  const replaced = (): Error => new ReplacedError('replaced', 'web/2/10.0.0.5/8080');

  it('waits, and registers again only when nothing is there', async () => {
    const { timers, registrar, news } = setUp();
    await timers.advance(500);
    registrar.failures = [replaced(), replaced(), replaced(), new NotFoundError('gone')];
    await timers.advance(2500);
    expect(registrar.calls).toEqual([
      ...['register 0', 'renew 1000', 'renew 1500', 'renew 2000', 'renew 2500', 'register 2500'],
    ]);
    expect(news.onReplaced.mock.calls).toEqual([['web/2/10.0.0.5/8080']]);
    expect(news.onTrouble).not.toHaveBeenCalled();
  });

  it('says goodbye for itself alone', async () => {
    const { timers, registrar, lease } = setUp();
    await timers.advance(500);
    registrar.failures = [replaced(), replaced()];
    await timers.advance(600);
    await lease.stop();
    expect(registrar.calls).toEqual(['register 0', 'renew 1000', 'deregister 1100']);
    expect(new Set(registrar.instances).size).toBe(1);
    expect(registrar.instances[0]).toBeTruthy();
  });
});

describe('a health check', () => {
  it('is told at once, both ways, between the renewals', async () => {
    const { timers, registrar, lease } = setUp();
    await timers.advance(500);
    lease.report('tcp: refused');
    await timers.advance(1000);
    lease.report(null);
    await timers.advance(100);
    expect(registrar.calls).toEqual([
      ...['register 0', 'renew 500', 'unhealthy:tcp: refused 500', 'renew 1500', 'renew 1500', 'unhealthy:null 1500'],
    ]);
    expect(new Set(registrar.instances).size).toBe(1);
  });

  it('is told again while no daemon can be reached, and with a registration that has to be made again', async () => {
    const { timers, registrar, lease } = setUp();
    await timers.advance(500);
    registrar.failures = [undefined, unreachable, new NotFoundError('gone')];
    lease.report('down');
    await timers.advance(400);
    expect(registrar.calls).toEqual([
      ...['register 0', 'renew 500', 'unhealthy:down 500', 'renew 687.5', 'register down 687.5'],
    ]);
  });
});

it('warns of a bug in its renewals, and still deregisters', async () => {
  const timers = new VirtualTimers();
  const registrar = new FakeRegistrar(timers);
  const warned = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  const broken = { now: () => timers.now(), random: () => 0, sleep: () => Promise.reject(new Error('no timer')) };
  const lease = new Lease(registrar, 1, address, { timers: broken });
  await lease.ready;
  await settled();
  expect(warned.mock.calls).toEqual([[new Error('no timer')]]);
  warned.mockRestore();
  await lease.stop();
  expect(registrar.calls).toEqual(['register 0', 'deregister 0']);
});
