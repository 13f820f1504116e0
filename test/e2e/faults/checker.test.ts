/** The checker, shown histories with one thing wrong in each: what it does not see here, it would not see at all. */

import { beforeEach, describe, expect, it } from '@jest/globals';
import { violationsIn } from './checker.js';
import { History } from './history.js';
import { Story } from './story.js';

const id = 'web/1.0.0/10.9.0.1/1';
const all = ['d1', 'd2', 'd3', 'd4', 'd5'];
const end = 30_000;

let history: History;
let story: Story;

const attempt = (kind: 'register' | 'renew' | 'deregister', at: number, daemon = 'd1') =>
  history.add({ kind, id, daemon, sent: at - 2, ended: at, outcome: 'acknowledged' });
const renewEverySecond = (from: number, to: number, daemon = 'd1'): void => {
  for (let at = from; at <= to; at += 1000) attempt('renew', at, daemon);
};
const says = (type: 'online' | 'offline', at: number): void =>
  story.take({ daemon: 'd2', at, id, ...(type === 'online' ? { type } : { type, reason: 'expired' }) });
const broken = (to = end): string[] => violationsIn(history, [story], 0, to).map(({ invariant }) => invariant);

beforeEach(() => {
  history = new History();
  history.services.set(id, { id, ttl: 4000, alive: true });
  history.connections.survey(-10_000, all, new Set());
  story = new Story('d2');
  attempt('register', 0);
  says('online', 5);
});

describe('the checker', () => {
  it('has nothing to say of a service that renews and is online', () => {
    renewEverySecond(1000, end);
    expect(broken()).toEqual([]);
  });

  it('sees an offline of what was renewed in time', () => {
    renewEverySecond(1000, end);
    says('offline', 12_000);
    says('online', 12_005);
    expect(broken()).toEqual(['no flapping']);
  });

  it('sees an offline after the daemon that acknowledged was killed, if another one acknowledged in time', () => {
    renewEverySecond(1000, 10_000, 'd1');
    history.connections.incident('d1', 10_900);
    history.connections.survey(10_900, all.slice(1), new Set());
    renewEverySecond(12_000, end, 'd3');
    says('offline', 15_000);
    says('online', 15_005);
    expect(broken()).toEqual(['no flapping']);
  });

  it('does not count the last words of a daemon that is killed', () => {
    renewEverySecond(1000, 10_000);
    history.connections.incident('d1', 10_100);
    history.connections.survey(10_100, all.slice(1), new Set());
    renewEverySecond(13_500, end, 'd3');
    says('offline', 13_100);
    says('online', 13_505);
    expect(broken()).toEqual([]);
  });

  it('holds no daemon to what was acknowledged on the other side of a partition', () => {
    renewEverySecond(1000, end);
    const cuts = all.slice(1).flatMap((name) => [`d1>${name}`, `${name}>d1`]);
    history.connections.survey(5000, all, new Set(cuts));
    says('offline', 10_000);
    expect(broken()).toEqual([]);
  });

  it('takes daemons for connected that reach each other through a third', () => {
    renewEverySecond(1000, end);
    history.connections.survey(5000, all, new Set(['d1>d2', 'd2>d1']));
    says('offline', 12_000);
    says('online', 12_005);
    expect(broken()).toEqual(['no flapping']);
  });

  it('sees that an instance lingers after its last renewal', () => {
    renewEverySecond(1000, 3000);
    expect(broken(8000)).toEqual([]);
    expect(broken(9500)).toEqual(['timely expiry']);
    says('offline', 20_000);
    expect(broken()).toEqual(['timely expiry']);
  });

  it('grants a lost daemon its peer timeout, and what is orphaned its time', () => {
    renewEverySecond(1000, 3000);
    history.connections.survey(3500, all.slice(1), new Set());
    says('offline', 11_500);
    expect(broken()).toEqual([]);
  });

  it('sees that a deleted instance lingers, or comes back', () => {
    attempt('deregister', 1000);
    expect(broken(3000)).toEqual(['timely expiry']);
    says('offline', 1010);
    expect(broken()).toEqual([]);
    says('online', 9000);
    says('offline', 9010);
    expect(broken()).toEqual(['deletes stay']);
  });

  it('sees an event that says what was so already', () => {
    renewEverySecond(1000, end);
    says('online', 5000);
    expect(broken()).toEqual(['exactly once']);
  });

  it('sees that a snapshot lacks what must be there', () => {
    renewEverySecond(1000, end);
    story.take({ daemon: 'd2', at: 12_000, type: 'snapshot', ids: [] });
    story.take({ daemon: 'd2', at: 12_100, type: 'snapshot', ids: [id] });
    expect(broken()).toEqual(['no flapping']);
  });

  it('sees that a daemon that has just started shows less than the others know', () => {
    renewEverySecond(1000, end, 'd3');
    history.told.push({ daemon: 'd1', at: 12_000, type: 'snapshot', ids: [] });
    expect(broken()).toEqual(['no flapping']);
  });

  it('sees that a service that renews never came online', () => {
    story = new Story('d2');
    renewEverySecond(1000, end);
    expect(broken()).toEqual(['no flapping']);
  });
});
