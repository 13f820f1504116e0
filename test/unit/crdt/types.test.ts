/** What the compiler refuses: `tsc` fails if one of these lines is no error. */

import { expect, it } from '@jest/globals';
import type { LeaseTime, MonotonicTime, WallTime } from '../../../src/crdt/clocks.js';
import { catalogName } from '../../../src/crdt/catalog.js';
import type { CallTarget, DaemonName, DaemonUrl } from '../../../src/crdt/ids.js';
import { holdingsName } from '../../../src/crdt/holdings.js';
import { View } from '../../../src/crdt/view.js';
import { asId } from '../../../src/model/registration.js';
import { asLife, asRunId, entryOf } from '../../helpers/samples.js';

it('tells ids of different kinds apart', () => {
  const [holder, id, life] = [asRunId('a'), asId('web/1/10.0.0.1/80'), asLife('life')];
  const view = new View();
  view.set(holder, id, entryOf());
  // @ts-expect-error the holder and the id are swapped
  view.winner(holder);
  // @ts-expect-error a plain text names no life
  view.isReleased('life');
  // @ts-expect-error a life is no run id
  expect(holdingsName(life, 1)).not.toBe(catalogName);
});

it('tells the clocks apart', () => {
  const [lease, monotonic, wall]: [LeaseTime, MonotonicTime, WallTime] = [1, 2, 3];
  const until = (at: LeaseTime): number => at - lease;
  // @ts-expect-error a monotonic time is no time of the lease clock
  expect(until(monotonic)).toBe(1);
  // @ts-expect-error a wall-clock time is no time of the lease clock
  expect(until(wall)).toBe(2);
  expect(until(lease + 5)).toBe(5);
});

it('tells names and URLs of daemons apart', () => {
  const [name, url, target]: [DaemonName, DaemonUrl, CallTarget] = ['a', 'http://a:1', 'http://a:1#10.0.0.1'];
  const hostOf = (of: DaemonUrl): string => new URL(of).host;
  const called: CallTarget[] = [url, target];
  // @ts-expect-error a name is no URL
  called.push(name);
  // @ts-expect-error a run id is no URL
  called.push(asRunId('b'));
  // @ts-expect-error what is called may be one of several addresses behind a URL
  expect(hostOf(target)).toBe('a:1');
  expect(called).toHaveLength(4);
});
