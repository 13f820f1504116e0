/** Certificates, their CA and tokens are replaced while callers go on, and no request fails. */

import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from '../../src/client/index.js';
import { tlsInFiles } from '../../src/files/tls-in-files.js';
import { tokenInFile } from '../../src/files/token-in-file.js';
import { run } from '../helpers/cli.js';
import { type RunningDaemon, startDaemon, stopDaemons } from '../helpers/daemon.js';
import { eventually } from '../helpers/eventually.js';

/** What the files of daemons and callers are called, whatever CA has made them. */
const names = ['one', 'two', 'three'];

let folder: string;
let daemons: RunningDaemon[];
const at = (...path: string[]): string => join(folder, ...path);
const failures: string[] = [];
let answered = 0;
let isOver = false;

/** Puts a file in place in one step, as configuration management does. */
async function put(name: string, content: string): Promise<void> {
  await writeFile(at(`${name}.new`), content, { mode: 0o600 });
  await rename(at(`${name}.new`), at(name));
}

const read = (...path: string[]): Promise<string> => readFile(at(...path), 'utf8');

/** Issues everything anew, with the CA in this folder, and hands it out. */
async function handOut(ca: string): Promise<void> {
  await run(['ca', 'issue', ...names, '--dir', at(ca)]);
  await run(['ca', 'issue', 'caller', '--client', '--dir', at(ca)]);
  for (const name of [...names, 'caller'])
    for (const part of [`${name}-key.pem`, `${name}.pem`]) await put(part, await read(ca, part));
}

async function makeToken(role: string, name: string): Promise<string> {
  const { stdout } = await run(['token', 'create', '--tokens', at('tokens.jsonl'), '--role', role, '--name', name]);
  return stdout;
}

/** Until every daemon has read its files `step` anew. */
async function reading(what: string, step: () => Promise<void>): Promise<void> {
  const times = (daemon: RunningDaemon): number => daemon.log.filter((line) => line.includes(what)).length;
  const before = daemons.map(times);
  await step();
  await eventually(() => daemons.every((daemon, index) => times(daemon) > before[index]!));
}

/** What callers trust and show: the files as they were a second ago at most. */
interface Shown {
  tls: ReturnType<typeof tlsInFiles>;
  token: ReturnType<typeof tokenInFile>;
}

/** Registers, renews and reads at one daemon for as long as the test goes on. */
async function call(url: string, port: number, { tls, token }: Shown): Promise<void> {
  const client = new Client({ servers: [url], tls, token, timeoutMs: 20_000 });
  const address = { app: 'web', version: '1.0.0', host: '127.0.0.1', port };
  while (!isOver) {
    try {
      await client.register({ ...address, ttl: 60_000 });
      await client.renew(address);
      await client.registrations({ app: 'web' });
      answered += 3;
    } catch (error) {
      failures.push((error as Error).message);
    }
    // The pace of the load.
    await sleep(5);
  }
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bender-rotation-'));
  for (const ca of ['old', 'new']) await run(['ca', 'init', '--dir', at(ca)]);
  await put('trust.pem', await read('old', 'ca.pem'));
  await handOut('old');
  await put('token', await makeToken('write', 'before'));
  daemons = [];
  for (const name of names) daemons.push(await startOne(name));
});
afterAll(async () => {
  isOver = true;
  await stopDaemons();
  await rm(folder, { recursive: true });
});

const startOne = (name: string): Promise<RunningDaemon> =>
  startDaemon({
    peers: daemons.slice(0, 1).map(({ url }) => url),
    args: [
      ...['--tls-cert', at(`${name}.pem`), '--tls-key', at(`${name}-key.pem`), '--tls-ca', at('trust.pem')],
      ...['--tls-client-auth', 'require', '--tokens', at('tokens.jsonl'), '--warm-for', '0'],
    ],
  });

/** Until callers have been answered so often again. */
async function goingOn(times = 60): Promise<void> {
  const before = answered;
  await eventually(() => answered > before + times);
}

it('replaces the CA, every certificate and the token under load without a failed request', async () => {
  const shown: Shown = {
    tls: tlsInFiles({ ca: at('trust.pem'), cert: at('caller.pem'), key: at('caller-key.pem') }),
    token: tokenInFile(at('token')),
  };
  const load = Promise.all(daemons.map(({ url }, index) => call(url, 9000 + index, shown)));
  await goingOn();

  const [old, next] = [await read('old', 'ca.pem'), await read('new', 'ca.pem')];
  await reading('read the files of TLS', () => put('trust.pem', old + next));
  await eventually(() => shown.tls().ca === old + next);
  await reading('read the files of TLS', () => handOut('new'));
  await goingOn();

  const token = await makeToken('write', 'after');
  await reading('read the tokens file', async () => {
    await makeToken('read', 'another');
  });
  await put('token', token);
  await eventually(() => shown.token() === token);
  await reading('read the tokens file', async () => {
    await run(['token', 'rm', 'before', '--tokens', at('tokens.jsonl')]);
  });
  await reading('read the files of TLS', () => put('trust.pem', next));
  await goingOn();

  // Knows the new CA only, and checks what the others have signed by it.
  await run(['ca', 'issue', 'four', '--dir', at('new')]);
  for (const part of ['four-key.pem', 'four.pem']) await put(part, await read('new', part));
  daemons.push(await startOne('four'));
  const tls = { ca: next, cert: await read('caller.pem'), key: await read('caller-key.pem') };
  const client = new Client({ servers: [daemons[3]!.url], tls, token });
  const known = await eventually(async () => {
    const all = await client.daemons();
    return all.filter(({ state }) => state === 'online').length === 4 && all;
  });
  expect(known.map(({ name }) => name).sort()).toEqual(['four', 'one', 'three', 'two']);

  isOver = true;
  await load;
  expect(failures).toEqual([]);
  expect(answered).toBeGreaterThan(200);
  const lost = daemons.flatMap(({ log }) => log.filter((line) => /peer (was )?lost|is lost/.test(line)));
  expect(lost).toEqual([]);
  const before = new Client({ servers: [daemons[0]!.url], tls: { ...tls, ca: old }, token, timeoutMs: 5000 });
  await expect(before.status()).rejects.toThrow(/certificate is not trusted/);
  // The old CA issues nothing any more that anybody takes.
  await run(['ca', 'issue', 'late', '--client', '--dir', at('old')]);
  const late = { ca: next, cert: await read('old', 'late.pem'), key: await read('old', 'late-key.pem') };
  await expect(new Client({ servers: [daemons[0]!.url], tls: late, token }).status()).rejects.toThrow(
    /no daemon reachable/,
  );
}, 120_000);
