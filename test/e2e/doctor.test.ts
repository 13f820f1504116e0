import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Finding } from '../../src/cli/doctor/finding.js';
import type { DaemonInfo, Status } from '../../src/model/daemon.js';
import { run, runJson } from '../helpers/cli.js';
import { type RunningDaemon, startDaemon, stopDaemons } from '../helpers/daemon.js';
import { eventually } from '../helpers/eventually.js';
import { deadUrl, error, FakeDaemon, json } from '../helpers/fake-daemon.js';

let daemons: RunningDaemon[];
beforeAll(async () => {
  const first = await startDaemon({ args: ['--warm-for', '0', '--name', 'one'] });
  const others = ['two', 'three'].map((name) => startDaemon({ peers: [first.url], args: ['--name', name] }));
  daemons = [first, ...(await Promise.all(others))];
  for (const { url } of daemons)
    await eventually(async () => (await runJson<DaemonInfo[]>(['daemons'], { server: url })).length === 3);
});
afterAll(stopDaemons);

interface Diagnosis {
  healthy: boolean;
  daemons: { name: string }[];
  findings: Finding[];
}

it('finds all daemons by one of them, and nothing wrong with them', async () => {
  const { stdout, stderr, exitCode } = await run(['doctor'], { server: daemons[0]!.url });
  expect(stdout).toMatch(/^ok +reachable +every daemon answers$/m);
  expect(stdout).toMatch(/^ok +peers +every daemon hears all the others$/m);
  expect(stdout).toMatch(/\n\n3 of 3 daemons answered: 0 problems, \d+ warnings?$/);
  expect([stderr, exitCode]).toEqual(['', 0]);
});

it('says which daemon does not answer, and what to do, with exit code 9', async () => {
  daemons[2]!.process.kill('SIGSTOP');
  const { stdout, exitCode } = await run(['doctor', '--timeout', '1s', '--json'], { server: daemons[0]!.url });
  daemons[2]!.process.kill('SIGCONT');
  const { healthy, findings, daemons: answered } = JSON.parse(stdout) as Diagnosis;
  expect([exitCode, healthy, answered.map(({ name }) => name).sort()]).toEqual([9, false, ['one', 'two']]);
  expect(findings).toContainEqual({
    check: 'reachable',
    level: 'problem',
    daemon: 'three',
    message: `${daemons[2]!.url} does not answer: no answer within 1000 ms`,
    advice: expect.stringMatching(/^(other daemons hear it|start it again)/),
  });
});

describe('status --cluster', () => {
  const rowsOf = (stdout: string): string[][] => stdout.split('\n').map((line) => line.split(/ {2,}/));

  it('shows every daemon by one of them', async () => {
    const { stdout, exitCode } = await run(['status', '--cluster'], { server: daemons[1]!.url });
    expect(rowsOf(stdout).map(([name, , state]) => [name, state])).toEqual([
      ['DAEMON', 'STATE'],
      ...['one', 'three', 'two'].map((name) => [name, 'ready']),
    ]);
    expect(exitCode).toBe(0);
  });

  it('ends with 9 if one does not answer, and says what the others hear of it', async () => {
    daemons[2]!.process.kill('SIGSTOP');
    const { stdout, exitCode } = await run(['status', '--cluster'], { server: daemons[0]!.url });
    daemons[2]!.process.kill('SIGCONT');
    const three = rowsOf(stdout).find(([name]) => name === 'three');
    expect(three).toEqual(['three', daemons[2]!.url, 'unreached', '-', '-', '-', '-', expect.any(String)]);
    expect(three!.at(-1)).toMatch(/^(online|lost) for the others; no answer within 5000 ms$/);
    expect(exitCode).toBe(9);
  });

  it('ends with 3 if none answers', async () => {
    expect(await run(['status', '--cluster'], { server: await deadUrl() })).toMatchObject({ exitCode: 3 });
  });
});

it('compares the clocks, and shows no control characters', async () => {
  const status = await runJson<Status>(['status'], { server: daemons[0]!.url });
  const odd = await FakeDaemon.start(({ path }, response) =>
    json(200, path === '/daemons' ? [] : { ...status, name: 'x\u001b[31m', time: Date.now() + 3_600_000 })(
      { method: 'GET', path, headers: {}, body: undefined },
      response,
    ),
  );
  const { stdout } = await run(['doctor'], { server: odd.url });
  await odd.stop();
  expect(stdout).toMatch(/x\\x1b\[31m: its clock is (1h|60m) fast/);
});

it('says which of the URLs answer, and ends with 3 if none does', async () => {
  const dead = await deadUrl();
  const some = await run(['doctor', '--server', dead, '--server', daemons[0]!.url]);
  expect(some.stdout).toContain(`${dead}: ${dead} does not answer: connection refused`);
  expect(some.exitCode).toBe(9);
  const none = await run(['doctor', '--server', dead]);
  expect(none.stderr).toContain(`no daemon reachable: tried ${dead} (connection refused)`);
  expect(none.exitCode).toBe(3);
});

it('ends with 8, as the other commands do, if the daemons refuse the token', async () => {
  const closed = await FakeDaemon.start(error(401, 'TOKEN_MISSING', 'this needs a token'));
  const { stderr, exitCode } = await run(['doctor'], { server: closed.url });
  await closed.stop();
  expect([stderr, exitCode]).toEqual(['Error: this needs a token', 8]);
});
