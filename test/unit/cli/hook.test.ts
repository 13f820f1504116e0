import { expect, it } from '@jest/globals';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Hook, environmentOf } from '../../../src/cli/hook.js';
import type { SeenEvent } from '../../../src/client/picture.js';

const registration = { app: 'web', version: '1', host: 'h', port: 80, id: 'web/1/h/80' };
const offline = (reason: string): SeenEvent =>
  ({ type: 'offline', registration, reason, at: 5 }) as unknown as SeenEvent;

it('puts the event into the environment, and unsets what it does not have', () => {
  expect(environmentOf(offline('expired'))).toMatchObject({
    ...{
      BENDER_EVENT: 'offline',
      BENDER_APP: 'web',
      BENDER_VERSION: '1',
      BENDER_HOST: 'h',
      BENDER_PORT: '80',
    },
    ...{ BENDER_ID: 'web/1/h/80', BENDER_REASON: 'expired', BENDER_NAME: undefined },
  });
  const frontend = { resource: 'Frontend' as const, name: 'www', backend: 'live' };
  expect(environmentOf({ type: 'frontend-updated', frontend, at: 5 })).toMatchObject({
    ...{ BENDER_NAME: 'www', BENDER_BACKEND: 'live', BENDER_APP: undefined, BENDER_PORT: undefined },
  });
});

it('runs the command for one event after the other, in order, with the event on stdin', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'bender-hook-'));
  const file = join(folder, 'out');
  const failures: string[] = [];
  const hook = new Hook(
    `echo "begin $BENDER_REASON" >>'${file}'; cat >>'${file}'; echo end >>'${file}'; exit 3`,
    2,
    (how) => failures.push(how),
  );
  await hook.run(offline('a'));
  await hook.run(offline('b'));
  await hook.finished();
  const lines = (await readFile(file, 'utf8')).trim().split('\n');
  await rm(folder, { recursive: true });
  expect(lines).toEqual([
    'begin a',
    JSON.stringify(offline('a')),
    'end',
    'begin b',
    JSON.stringify(offline('b')),
    'end',
  ]);
  expect(failures).toEqual(['exit code 3', 'exit code 3']);
});
