import { EventLog } from '../../../../../src/daemon/core/events/event-log.js';
import { jest } from '@jest/globals';
import { DrainRules } from '../../../../../src/crdt/drain-rules.js';
import { toRegistration, Transition } from '../../../../../src/crdt/transition.js';
import { asId, type RegistrationId } from '../../../../../src/model/registration.js';
import { asRunId, entryOf } from '../../../../helpers/samples.js';

const online = (n: number) => ({
  type: 'online' as const,
  registration: toRegistration(`web/1/h/${n}` as RegistrationId, entryOf(), DrainRules.none),
});

const logOf = (events: number, capacity?: number): EventLog => {
  const log = new EventLog(asRunId('run-1'), () => 1_700_000_000_000, { error: () => {} }, capacity);
  for (let n = 1; n <= events; n++) log.append(online(n));
  return log;
};

const idsSince = (log: EventLog, id: string) => log.since(id)?.map((event) => event.id);

describe('the event log', () => {
  it('resumes after the event that was seen last', () => {
    const log = logOf(5);
    expect(idsSince(log, 'run-1:3')).toEqual(['run-1:4', 'run-1:5']);
    expect(idsSince(log, 'run-1:0')).toHaveLength(5);
    expect(log.since(log.lastId)).toEqual([]);
  });

  it('has every event in the form in which it is sent', () => {
    const [logged] = logOf(1).since('run-1:0')!;
    expect(JSON.parse(logged!.json)).toEqual({ ...online(1), at: 1_700_000_000_000 });
  });

  it('makes an event once, when it is looked at', () => {
    const id = asId('web/1/h/1');
    const transition = new Transition(id, undefined, entryOf(), undefined);
    const toEvent = jest.spyOn(transition, 'toEvent');
    const log = logOf(0);
    log.append(transition);
    const [logged] = log.since('run-1:0')!;
    expect([logged!.id, toEvent.mock.calls.length]).toEqual(['run-1:1', 0]);
    expect(logged!.event).toBe(logged!.event);
    expect(JSON.parse(logged!.json)).toMatchObject({ type: 'online', registration: { id } });
    expect(toEvent).toHaveBeenCalledTimes(1);
  });

  it('says of events that were seen from afar that they are stale', () => {
    const log = logOf(0);
    log.append(online(1), { stale: true });
    log.append(online(2));
    expect(log.since('run-1:0')!.map(({ event }) => event.stale)).toEqual([true, undefined]);
  });

  it.each(['run-2:3', 'run-1:6', 'run-1', 'run-1:', 'run-1:x', 'run-1:-1', '', ':3', 'run-1:99999999999999999999'])(
    'cannot say what followed %p',
    (id) => {
      expect(logOf(5).since(id)).toBeUndefined();
    },
  );

  it('keeps at least its capacity, and never twice as much', () => {
    const log = logOf(0, 10);
    for (let n = 1; n <= 100; n++) {
      log.append(online(n));
      const kept = Math.min(n, 10);
      expect(idsSince(log, `run-1:${n - kept}`)).toHaveLength(kept);
      if (n >= 20) expect(log.since(`run-1:${n - 20}`)).toBeUndefined();
    }
  });

  it('never leaves out an event that lies between two that it answers', () => {
    const log = logOf(57, 10);
    for (let seen = 0; seen <= 57; seen++) {
      const ids = idsSince(log, `run-1:${seen}`);
      if (ids) expect(ids).toEqual(Array.from({ length: 57 - seen }, (_, index) => `run-1:${seen + 1 + index}`));
    }
  });

  it('calls its listeners in order until they have enough', () => {
    const log = logOf(1);
    const heard: string[] = [];
    const stop = log.subscribe(({ id }) => heard.push(id));
    log.append(online(2));
    log.append(online(3));
    expect(log.watchers).toBe(1);
    stop();
    log.append(online(4));
    expect(heard).toEqual(['run-1:2', 'run-1:3']);
    expect(log.watchers).toBe(0);
  });

  it('tells the others of an event at which one listener throws, and stops calling that one', () => {
    const log = logOf(0);
    const heard: string[] = [];
    let failed = 0;
    log.subscribe(({ id }) => void heard.push(`first ${id}`));
    log.subscribe(
      () => {
        throw new RangeError('Maximum call stack size exceeded');
      },
      () => void failed++,
    );
    log.subscribe(({ id }) => void heard.push(`last ${id}`));
    log.append(online(1));
    log.append(online(2));
    expect(heard).toEqual(['first run-1:1', 'last run-1:1', 'first run-1:2', 'last run-1:2']);
    expect(failed).toBe(1);
    expect(log.watchers).toBe(2);
  });
});
