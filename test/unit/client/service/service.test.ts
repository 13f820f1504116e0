import { afterEach, expect, it } from '@jest/globals';
import { type Door, Service, type ServiceOptions } from '../../../../src/client/service/service.js';
import { InvalidError } from '../../../../src/model/errors.js';
import { address, fakeClient, unreachable } from '../../../helpers/fake-registrar.js';
import { settled, VirtualTimers } from '../../../helpers/virtual-timers.js';

/** Notes what is done to it, and closes when the test says so. */
class FakeDoor implements Door {
  readonly calls: string[] = [];
  open = true;
  #closed!: () => void;
  constructor(private readonly timers: VirtualTimers) {}
  isOpen = (): boolean => this.open;
  sendAway = (wanted: boolean): void =>
    void (this.calls.at(-1) !== `away ${wanted}` && this.calls.push(`away ${wanted}`));
  close(): Promise<void> {
    this.calls.push(`close ${this.timers.now()}`);
    return new Promise((resolve) => (this.#closed = resolve));
  }
  destroy(): void {
    this.calls.push(`destroy ${this.timers.now()}`);
    this.#closed();
  }
  empty = (): void => this.#closed();
}

const services: Service[] = [];
afterEach(() => Promise.all(services.splice(0).map((service) => service.deregister())));

function setUp(options: Partial<ServiceOptions> = {}, failures: Error[] = []) {
  const timers = new VirtualTimers();
  const { registrar, client } = fakeClient(timers);
  registrar.failures = failures;
  const door = new FakeDoor(timers);
  const service = new Service(door, address, client, { app: 'web', version: '1.2.0', timers, ...options });
  services.push(service);
  return { timers, registrar, door, service };
}

it('drains, waits for callers, deregisters, closes, and ends', async () => {
  const { timers, registrar, door, service } = setUp({ drainForMs: 500 });
  await service.ready;
  expect(process.listenerCount('SIGTERM')).toBe(1);
  const stopped = service.stop();
  await timers.advance(499);
  expect(registrar.calls.slice(1)).toEqual(['draining:true stopping 0']);
  expect(door.calls.slice(-1)).toEqual(['away true']);
  await timers.advance(1);
  expect(registrar.calls.slice(2)).toEqual(['deregister 500']);
  expect(door.calls.at(-1)).toBe('close 500');
  door.empty();
  await stopped;
  await service.closed;
  expect(process.listenerCount('SIGTERM')).toBe(0);
  await timers.advance(60_000);
  expect(door.calls.at(-1)).toBe('close 500');
});

it('ends what is under way when it takes too long', async () => {
  const { timers, door, service } = setUp({ drainForMs: 0, closeWithinMs: 3000 });
  await service.ready;
  const stopped = service.stop();
  await timers.advance(3000);
  await stopped;
  expect(door.calls.slice(-2)).toEqual(['close 0', 'destroy 3000']);
});

it('is hurried: first past the wait for callers, then past what is under way', async () => {
  const { timers, door, service } = setUp();
  await service.ready;
  const stopped = service.stop();
  await timers.advance(100);
  service.hurry();
  await timers.advance(100);
  expect(door.calls.at(-1)).toBe('close 100');
  service.hurry();
  await stopped;
  expect(door.calls.at(-1)).toBe('destroy 200');
});

it('does not wait for callers if no daemon can be told that it drains, or it was never registered', async () => {
  const told = setUp();
  await told.service.ready;
  await settled();
  told.registrar.failures = [unreachable, unreachable];
  const stopped = told.service.stop();
  await settled();
  expect(told.door.calls.at(-1)).toBe('close 0');
  told.door.empty();
  await stopped;
  const early = setUp({}, Array<Error>(9).fill(unreachable));
  const ended = early.service.stop();
  await early.timers.advance(1000);
  early.door.empty();
  await ended;
  await expect(early.service.ready).rejects.toThrow();
});

it('only deregisters if its server has closed by itself', async () => {
  const { registrar, door, service } = setUp();
  await service.ready;
  door.open = false;
  await service.deregister();
  await service.closed;
  expect(registrar.calls).toEqual(['register 0', 'deregister 0']);
  expect(process.listenerCount('SIGTERM')).toBe(0);
});

it("sends callers with kept connections away while an operator's drain lasts", async () => {
  const { timers, registrar, door, service } = setUp();
  await service.ready;
  registrar.found = { draining: true };
  await timers.advance(1000);
  expect(door.calls.at(-1)).toBe('away true');
  registrar.found = { draining: false };
  await timers.advance(1000);
  expect(door.calls.at(-1)).toBe('away false');
});

it('leaves the signals alone if it is to', async () => {
  const { service } = setUp({ signals: [] });
  await service.ready;
  expect(process.listenerCount('SIGTERM')).toBe(0);
});

it('is refused like any registration', async () => {
  const { service } = setUp({}, [new InvalidError('ttl')]);
  await expect(service.ready).rejects.toThrow(InvalidError);
});
