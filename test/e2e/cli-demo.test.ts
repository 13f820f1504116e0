/** `bender demo`: what it tells has happened, and nothing of it is left. */

import { expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { linesOf, start } from '../helpers/cli.js';
import { eventually } from '../helpers/eventually.js';

/** Where the daemons and services are that it has started. */
const urlsIn = (told: string): string[] =>
  [...told.matchAll(/(?:bender serve +http:..|bender register +web.[\d.]+.)127\.0\.0\.1[:/](\d+)/g)].map(
    ([, port]) => `http://127.0.0.1:${port}/livez`,
  );

/** The processes with this text in their environment, on Linux. */
const marked = (mark: string): string[] =>
  readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/environ`, 'utf8').includes(mark);
    } catch {
      // It has ended meanwhile, or is of another user.
      return false;
    }
  });

async function expectGone(told: string, count: number): Promise<void> {
  expect(urlsIn(told).length).toBeGreaterThanOrEqual(count);
  for (const url of urlsIn(told)) await expect(fetch(url)).rejects.toThrow();
}

/** Commands that are told are those that bender has, with their flags. */
function expectRunnable(told: string): void {
  const { commands } = JSON.parse(readFileSync(join(import.meta.dirname, '../../oclif.manifest.json'), 'utf8')) as {
    commands: Record<string, { flags: object }>;
  };
  const typed = [...told.matchAll(/ s {2}bender (\w+(?: [a-z]+(?= \w+ --))?)(.*)/g)];
  expect(typed.length).toBeGreaterThanOrEqual(10);
  for (const [line, name, rest] of typed) {
    const command = commands[name!.replace(' ', ':')] ?? commands[name!.split(' ')[0]!];
    const wrong = [...rest!.matchAll(/ --([\w-]+)/g)].filter(([, flag]) => !(flag! in (command?.flags ?? {})));
    expect([line, wrong.map(([, flag]) => flag)]).toEqual([line, []]);
  }
}

it('shows a deployment, a crash and the loss of a daemon, without a failed request but to what crashed', async () => {
  const { stdout, stderr, exitCode } = await start(['demo', '--no-stay'], { env: { BENDER_PORT: 'nonsense' } });
  expect([stderr, exitCode]).toEqual(['', 0]);
  expectRunnable(stdout);
  expect(stdout).toMatch(/callers of www: \d+ answered by 1\.0\.0, \d+ by 1\.1\.0, none failed/);
  const [, killed] = /kill -KILL +(web\/\S+)/.exec(stdout)!;
  expect(stdout).toMatch(new RegExp(`bender register +${killed}`));
  expect(stdout).toMatch(/offline \(expired\) at all three daemons, [1-9]\.\d s later/);
  expect(stdout).toMatch(/the daemon is lost for the others; no instance went offline/);
  expect(stdout).toMatch(/callers of www: \d+ answered by 1\.1\.0, none failed\s*$/);
  // It is told on the smallest of usual terminals.
  expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
  await expectGone(stdout, 8);
}, 60_000);

it.each(['bender serve', 'bender register'])(
  'leaves nothing behind when it is told to stop after the first %s',
  async (what) => {
    // Children find each other by what they inherit.
    const mark = `demo-${process.pid}-${Math.random()}`;
    const child = start(['demo', '--no-stay'], { env: { DEMO_MARK: mark } });
    const lines = linesOf(child.stdout);
    await eventually(() => lines.some((line) => line.includes(what)), { withinMs: 30_000 });
    child.kill('SIGTERM');
    expect((await child).exitCode).toBe(0);
    await eventually(() => marked(mark).length === 0);
    await expectGone(lines.join('\n'), 1);
  },
  60_000,
);
