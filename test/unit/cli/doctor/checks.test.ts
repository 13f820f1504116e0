import { describe, expect, it } from '@jest/globals';
import { checks, examine } from '../../../../src/cli/doctor/checks.js';
import type { Finding } from '../../../../src/cli/doctor/finding.js';
import type { Answer, Survey } from '../../../../src/cli/survey.js';
import type { DaemonInfo, Status } from '../../../../src/model/daemon.js';

const names = ['a', 'b', 'c'];
const now = Date.UTC(2026, 0, 1);
const tlsUntil = (days: number) => ({ expires: now + days * 86_400_000, mutual: true, clientAuth: 'none' as const });

function infoOf(name: string, self: boolean): DaemonInfo {
  const run = { generation: 1, runId: `run ${name}`, version: '1.0.0', lastHeard: 9000 };
  return { name, url: `http://${name}:1729`, state: 'online', self, linked: !self, held: 0, ...run };
}

function statusOf(name: string): Status {
  return {
    ...{ name, url: `http://${name}:1729`, version: '1.0.0', cluster: 'default', generation: 1, runId: `run ${name}` },
    ...{ uptime: 60_000, ready: true, stale: false, settings: { ttl: 4000, peerTimeout: 2000 }, catalogBytes: 0 },
    counts: { registrations: 3, held: 0, backends: 0, frontends: 0, daemons: 3 },
    memory: { rss: 1, heapUsed: 1, external: 1 },
    load: { overloaded: false, connections: 1, watchers: 0, refused: {} },
    openFiles: { open: 30, limit: 32_768 },
  };
}

/** Three daemons that are well, and say that of each other. */
function healthy(): Survey & { of: (name: string) => Answer } {
  const answers = names.map((name) => ({
    url: `http://${name}:1729`,
    status: statusOf(name),
    daemons: names.map((other) => infoOf(other, other === name)),
    clockAhead: 3,
  }));
  return { answers, silent: [], of: (name) => answers.find(({ status }) => status.name === name)! };
}

const brief = (findings: Finding[]) => findings.map(({ check, level, daemon }) => [check, level, daemon]);
const seen = (answer: Answer, name: string) => answer.daemons.find((daemon) => daemon.name === name)!;

it('finds nothing where nothing is wrong', () => {
  expect(examine(healthy(), now)).toEqual([]);
});

describe('finds', () => {
  it.each<[string, (survey: ReturnType<typeof healthy>) => void, unknown[]]>([
    ['a stale view', ({ of }) => (of('b').status.stale = true), [['ready', 'problem', 'b']]],
    ['a daemon that has just started', ({ of }) => (of('b').status.ready = false), [['ready', 'warning', 'b']]],
    [
      'a daemon that does not hear another one',
      ({ of }) => (seen(of('a'), 'c').state = 'lost'),
      [['peers', 'problem', 'a']],
    ],
    [
      'a daemon that has an earlier run of another one',
      ({ of }) => (seen(of('a'), 'c').runId = 'before'),
      [['peers', 'problem', 'a']],
    ],
    ['a daemon that does not know another one', ({ of }) => of('c').daemons.shift(), [['peers', 'problem', 'c']]],
    ['two versions', ({ of }) => (of('a').status.version = '2.0.0'), [['versions', 'warning', undefined]]],
    ['a clock that is fast', ({ of }) => (of('b').clockAhead = 2100), [['clocks', 'warning', 'b']]],
    ['no clock that is little off', ({ of }) => (of('b').clockAhead = 1900), []],
    [
      'this clock, if it differs from all the others',
      ({ answers }) => answers.forEach((answer) => (answer.clockAhead = -7000)),
      [['clocks', 'warning', undefined]],
    ],
    ['files that run out', ({ of }) => (of('a').status.openFiles!.open = 30_000), [['files', 'problem', 'a']]],
    ['a low limit of files', ({ of }) => (of('a').status.openFiles!.limit = 1024), [['files', 'warning', 'a']]],
    ['overload', ({ of }) => (of('a').status.load!.overloaded = true), [['load', 'problem', 'a']]],
    ['what cannot be read', ({ of }) => (seen(of('a'), 'b').fetchedAnew = 3), [['documents', 'problem', 'a']]],
    ['a daemon open to every program', ({ of }) => (of('c').status.insecure = true), [['access', 'warning', 'c']]],
    [
      'DNS for everybody',
      ({ of }) => (of('c').status.dns = { host: '0.0.0.0', port: 53, domain: 'bender' }),
      [['access', 'warning', 'c']],
    ],
    ['DNS for its own machine', ({ of }) => (of('c').status.dns = { host: '::1', port: 53, domain: 'bender' }), []],
    [
      'a configured peer that was never reached',
      ({ of }) => (of('a').status.peers = [{ url: 'http://z:1', reached: false, reason: 'unknown host' }]),
      [['seeds', 'warning', 'a']],
    ],
    [
      'nothing in a daemon that is among its own peers',
      ({ of }) => (of('a').status.peers = [{ url: 'http://a:1729', reached: false, self: true, reason: 'itself' }]),
      [],
    ],
    [
      'a daemon that does not answer',
      ({ answers, silent }) => {
        answers.pop();
        silent.push({ url: 'http://c:1729', name: 'c', reason: 'connection refused' });
      },
      [['reachable', 'problem', 'c']],
    ],
    [
      'nothing in a daemon that is online again at another URL',
      ({ answers, silent }) => {
        for (const { daemons } of answers)
          daemons.push({ ...infoOf('c', false), url: 'http://c:1', runId: 'before', state: 'lost' });
        silent.push({ url: 'http://c:1', name: 'c', reason: 'connection refused' });
      },
      [],
    ],
    [
      'a URL that is advertised and leads nowhere',
      ({ silent }) => silent.push({ url: 'http://c:1729', name: 'c', reason: 'unknown host' }),
      [['reachable', 'warning', 'c']],
    ],
    ['a certificate that expires', ({ of }) => (of('a').status.tls = tlsUntil(2)), [['certificates', 'problem', 'a']]],
    ['one that has expired', ({ of }) => (of('a').status.tls = tlsUntil(-1)), [['certificates', 'problem', 'a']]],
    ['one to renew', ({ of }) => (of('a').status.tls = tlsUntil(20)), [['certificates', 'warning', 'a']]],
    ['no certificate that is fresh', ({ of }) => (of('a').status.tls = tlsUntil(22)), []],
    ['another cluster', ({ of }) => (of('c').status.cluster = 'b'), [['cluster', 'problem', 'c']]],
    [
      'too few daemons',
      ({ answers }) => {
        answers.pop();
      },
      [['size', 'warning', undefined]],
    ],
  ])('%s', (_, spoil, found) => {
    const survey = healthy();
    spoil(survey);
    expect(brief(examine(survey, now))).toEqual(found);
  });
});

it('names the URL for peers, where it is another one', () => {
  const survey = healthy();
  survey.of('a').status.peerUrl = 'https://a:1730';
  seen(survey.of('b'), 'a').state = 'lost';
  survey.of('c').daemons.shift();
  const advice = examine(survey, now).map((one) => one.advice);
  expect(advice).toEqual([expect.stringContaining('https://a:1730'), expect.stringContaining('https://a:1730')]);
});

it('says of a daemon that is alone that its peers are the problem', () => {
  const survey = healthy();
  survey.answers.splice(1);
  const { status, daemons } = survey.answers[0]!;
  daemons.splice(1);
  status.peers = [{ url: 'http://z:1', reached: false, reason: 'connection refused' }];
  expect(examine(survey, now)[0]).toMatchObject({
    check: 'seeds',
    level: 'problem',
    message: 'its configured peer http://z:1 was never reached: connection refused',
  });
});

it('warns of a daemon that is alone and has only itself as a peer', () => {
  const survey = healthy();
  survey.answers.splice(1);
  const { status, daemons } = survey.answers[0]!;
  daemons.splice(1);
  status.peers = [{ url: 'http://a:1729', reached: false, self: true, reason: 'itself' }];
  expect(examine(survey, now)[0]).toMatchObject({
    check: 'seeds',
    level: 'warning',
    message: 'its configured peer http://a:1729 is the daemon itself, and it hears no other',
  });
});

it('says something for each check', () => {
  for (const said of Object.values(checks)) expect(said).toMatch(/^\w/);
});
