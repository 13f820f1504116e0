import { beforeEach, expect, it } from '@jest/globals';
import { SeedReports } from '../../../../../src/daemon/core/replication/seed-reports.js';
import { UnreachableError } from '../../../../../src/model/errors.js';
import { LimitedLog } from '../../../../../src/daemon/limited-log.js';
import { type Line, sinkOf } from '../../../../helpers/log.js';
import { World } from '../../../../helpers/world.js';

const url = 'http://10.0.0.6:1729';
const refused = new UnreachableError('connect ECONNREFUSED 10.0.0.6:1729');
let now: number;
let lines: Line[];
let reports: SeedReports;
beforeEach(() => {
  now = 0;
  lines = [];
  const sink = sinkOf((line) => lines.push(line));
  const log = new LimitedLog(sink, { now: () => now, after: () => ({ cancel: () => undefined }) });
  reports = new SeedReports([url], () => now, log);
});

it('logs a peer that cannot be reached at once, and ever more rarely while it lasts', () => {
  const at: number[] = [];
  for (now = 1000; now <= 2_000_000; now += 400) {
    const before = lines.length;
    reports.failed(url, refused);
    if (lines.length > before) at.push(Math.round((now - 1000) / 1000));
  }
  expect(at).toEqual([0, 10, 60, 600, 1200, 1800]);
  expect(lines[0]).toEqual({
    level: 'warn',
    message: 'cannot reach a configured peer',
    fields: { peer: url, reason: 'connect ECONNREFUSED 10.0.0.6:1729', failingForMs: 0 },
  });
});

it('logs when it is reached after all, and begins anew when it fails again', () => {
  reports.succeeded(url);
  expect(lines).toEqual([]);
  reports.failed(url, refused);
  reports.succeeded(url);
  now = 60_000;
  reports.failed(url, refused);
  expect(lines.map(({ level }) => level)).toEqual(['warn', 'info', 'warn']);
});

it('logs another reason at once, but not two that take turns for ever', () => {
  for (let count = 0; count < 100; count++) {
    reports.failed(url, refused);
    reports.failed(url, new UnreachableError('no answer within 400 ms'));
  }
  expect(lines.length).toBeGreaterThan(1);
  expect(lines.length).toBeLessThan(8);
});

it('shows nothing of a remote text that is not printable, and no more of it than fits', () => {
  reports.failed(url, new Error(`\u001b[2J{"level":60}\n${'x'.repeat(10_000)}`));
  const { fields } = lines[0] as unknown as { fields: { reason: string } };
  expect(fields.reason).toMatch(/^\\x1b\[2J\{"level":60\}\\nx+…$/);
  expect(fields.reason.length).toBeLessThan(220);
});

it('knows nothing of other peers', () => {
  reports.failed('http://10.0.0.7:1729', refused);
  reports.succeeded('http://10.0.0.7:1729');
  expect(lines).toEqual([]);
  expect(reports.get(url)).toEqual({ url, reached: false });
});

it('is what a daemon says of a peer that is not there, and of one that is', async () => {
  const world = new World(1);
  await world.complete(world.start('a'));
  const b = await world.complete(world.start('b', { peers: [world.host('a').url, 'http://nowhere.example:1729'] }));
  await world.advance(2000);
  expect(b.status().peers).toEqual([
    { url: world.host('a').url, reached: true },
    { url: 'http://nowhere.example:1729', reached: false, reason: 'connection refused' },
  ]);
  expect(world.host('b').logged.filter((line) => line.includes('cannot reach'))).toHaveLength(1);
  expect(world.host('a').daemon!.status().peers).toBeUndefined();
});
