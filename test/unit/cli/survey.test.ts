/** Whom `bender doctor` shows the token: members choose the URLs that they advertise. */

import { afterEach, describe, expect, it } from '@jest/globals';
import { examine } from '../../../src/cli/doctor/checks.js';
import { optionsForLearned, surveyCluster } from '../../../src/cli/survey.js';
import { type Answerer, error, FakeDaemon, json } from '../../helpers/fake-daemon.js';

const token = `bender_1a2b3c4d_${'x'.repeat(43)}`;
const fakes: FakeDaemon[] = [];
afterEach(async () => {
  for (const fake of fakes.splice(0)) await fake.stop();
});

async function start(answer?: Answerer): Promise<FakeDaemon> {
  const fake = await FakeDaemon.start(answer);
  fakes.push(fake);
  return fake;
}

const statusOf = (name: string, url: string) => ({
  ...{ name, url, runId: `run ${name}`, cluster: 'default', version: '1.0.0', ready: true, stale: false },
});

/** Answers as the daemon at `url` that knows others. */
const daemon =
  (name: string, url: string, known: Record<string, string> = {}): Answerer =>
  (asked, response) => {
    const others = Object.entries(known).map(([other, at]) => ({ name: other, url: at, state: 'online' }));
    json(200, asked.path === '/daemons' ? others : statusOf(name, url))(asked, response);
  };

const shownTo = ({ asked }: FakeDaemon) => [...new Set(asked.map(({ headers }) => headers.authorization))];

it('shows the token to daemons that the user named, and not to those that they name', async () => {
  const [named, second, learned] = [await start(), await start(), await start()];
  named.answer = daemon('one', named.url, { two: second.url, three: learned.url });
  second.answer = daemon('two', second.url);
  learned.answer = daemon('three', learned.url);
  const { answers } = await surveyCluster({ servers: [named.url, second.url], token });
  expect(answers.map(({ status }) => status.name)).toEqual(['one', 'two', 'three']);
  expect([named, second, learned].map(shownTo)).toEqual([[`Bearer ${token}`], [`Bearer ${token}`], [undefined]]);
});

it('says why a daemon refused that it did not show the token, and what to do', async () => {
  const [named, learned] = [await start(), await start(error(401, 'TOKEN_MISSING'))];
  named.answer = daemon('one', named.url, { two: learned.url });
  const survey = await surveyCluster({ servers: [named.url], token });
  const found = examine(survey, Date.now()).find(({ check }) => check === 'reachable');
  expect(found).toMatchObject({
    ...{ level: 'warning', daemon: 'two' },
    message: expect.stringMatching(/^http\S+ was not examined: .*not shown the token.*--server.*https with --tls-ca$/),
    advice: expect.stringMatching(/name it with --server.*--tls-ca/),
  });
});

it('does not complain of a daemon that it has examined by another URL', async () => {
  const [named, advertised] = [await start(), await start(error(401, 'TOKEN_MISSING'))];
  named.answer = daemon('one', advertised.url, { one: advertised.url });
  const survey = await surveyCluster({ servers: [named.url], token });
  expect([survey.answers.length, survey.silent, advertised.asked.length]).toEqual([1, [], 1]);
});

it('does not blame the token if there is none', async () => {
  const [named, learned] = [await start(), await start(error(401, 'TOKEN_MISSING'))];
  named.answer = daemon('one', named.url, { two: learned.url });
  const { silent } = await surveyCluster({ servers: [named.url] });
  expect(silent).toMatchObject([{ url: learned.url, name: 'two', reason: 'as told' }]);
  expect(silent[0]).not.toHaveProperty('withheld');
});

describe('to a daemon that was named by another one', () => {
  const own = { cert: 'cert', key: 'key' };
  const all = { ...own, ca: 'ca' };
  it.each([
    ['https://two:1729', all, true],
    ['HTTPS://two:1729', all, true],
    ['https://two:1729', own, false],
    ['https://two:1729', undefined, false],
    ['http://two:1729', all, false],
    [' http://two:1729/https:', all, false],
  ])('at %s, with %j, it shows the token and the certificate: %s', (url, credentials, isShown) => {
    for (const tls of [credentials, credentials && (() => credentials)]) {
      const expected = isShown ? { token, tls, timeoutMs: 1 } : { timeoutMs: 1 };
      expect(optionsForLearned(url, { token, tls, timeoutMs: 1 })).toEqual(expected);
    }
  });
});
