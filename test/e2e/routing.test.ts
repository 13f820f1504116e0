/** Routing facts by the flags of the commands, through two daemons. */

import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { run, runJson } from '../helpers/cli.js';
import { type RunningDaemon, startDaemon, stopDaemons } from '../helpers/daemon.js';
import { eventually } from '../helpers/eventually.js';

let daemons: RunningDaemon[];
beforeAll(async () => {
  const first = await startDaemon({ args: ['--name', 'a', '--warm-for', '0'] });
  daemons = [first, await startDaemon({ peers: [first.url], args: ['--name', 'b', '--warm-for', '0'] })];
});
afterAll(stopDaemons);

const bender = (...args: string[]) => run(args, { server: daemons[0]!.url });

it('are set, shown at every daemon, kept, changed in part and removed', async () => {
  const create = ['frontends', 'create', 'www', '--backend', 'web'];
  await bender('backends', 'create', 'web', '--app', 'web', '--version', '1.0.0', '--scheme', 'https');
  const facts = ['--host', 'www.example.com', '--host', 'example.com', '--path-prefix', '/shop'];
  expect((await bender(...create, ...facts)).stdout).toBe(
    'created www: web (host=www.example.com,example.com path-prefix=/shop)',
  );
  const routing = { hosts: ['www.example.com', 'example.com'], pathPrefix: '/shop' };
  const shown = () => runJson<{ routing?: object }>(['frontends', 'show', 'www'], { server: daemons[1]!.url });
  await eventually(async () => expect((await shown()).routing).toEqual(routing) === undefined);
  expect((await bender('backends', 'show', 'web')).stdout).toBe('web: web@1.0.0 (scheme=https)');
  expect((await bender('frontends')).stdout).toMatch(/ROUTING\nwww +web +host=www\.example\.com,example\.com path/);

  // Nothing of web@1.0.0 is online: routing needs nothing.
  expect((await bender('frontends', 'update', 'www', '--middleware', 'auth@file')).stdout).toBe(
    'updated www: web (host=www.example.com,example.com path-prefix=/shop middleware=auth@file)',
  );
  expect((await bender('history', 'www')).stdout).toMatch(/middleware/);
  expect((await bender('frontends', 'update', 'www', '--no-routing')).stdout).toBe('updated www: web');
  expect(await bender('rollback', 'www')).toMatchObject({
    exitCode: 0,
    stdout: expect.stringMatching(/-> web \(host/),
  });
  expect(await bender('frontends', 'update', 'www', '--path-prefix', 'x')).toMatchObject({
    exitCode: 2,
    stderr: expect.stringMatching(/'routing\.pathPrefix' must begin with a slash/),
  });
  expect((await bender('frontends', 'update', 'www')).exitCode).toBe(2);
});
