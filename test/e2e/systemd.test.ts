/** A daemon as a unit of systemd: the protocol with a real socket, and the units in packaging/. */

import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { execa, execaSync } from 'execa';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { linesOf } from '../helpers/cli.js';
import { startDaemon, stopDaemons } from '../helpers/daemon.js';
import { eventually } from '../helpers/eventually.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bender-systemd-'));
});
afterAll(async () => {
  await stopDaemons();
  await rm(folder, { recursive: true });
});

const has = (program: string): boolean => execaSync(program, ['--version'], { reject: false }).exitCode === 0;

/** Node has no Unix datagram sockets. Prints each message in a line. */
const receiver = `
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
print('bound', flush=True)
while True: print(s.recv(4096).decode().replace('\\n', ' '), flush=True)
`;

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

(has('python3') && has('systemd-notify') ? it : it.skip)(
  'a daemon says that it serves, is well, reloads and stops, where NOTIFY_SOCKET says',
  async () => {
    const socket = join(folder, 'notify');
    const listener = execa('python3', ['-c', receiver, socket], { reject: false });
    ends.push(() => listener.kill('SIGKILL'));
    const said = linesOf(listener.stdout);
    await eventually(() => said[0] === 'bound');
    const tokens = join(folder, 'tokens.jsonl');
    await writeFile(tokens, '');
    const daemon = await startDaemon({
      args: ['--tokens', tokens],
      env: { NOTIFY_SOCKET: socket, WATCHDOG_USEC: '400000' },
    });
    const first = await eventually(() => said.find((line) => line.startsWith('READY=1')));
    expect(first).toContain(`STATUS=listening on ${daemon.listening}`);
    await eventually(() => said.filter((line) => line === 'WATCHDOG=1').length >= 2);
    daemon.process.kill('SIGHUP');
    await eventually(() => {
      const at = said.findIndex((line) => /^RELOADING=1 MONOTONIC_USEC=\d+$/.test(line));
      return at > 0 && said.includes('READY=1', at);
    });
    await daemon.stop();
    await eventually(() => said.includes('STOPPING=1'));
    expect((await daemon.process).exitCode).toBe(0);
  },
);

it('a daemon without systemd-notify serves, and says what is missing', async () => {
  const daemon = await startDaemon({ env: { NOTIFY_SOCKET: join(folder, 'nobody'), PATH: folder } });
  await eventually(() => daemon.log.some((line) => /cannot tell systemd how this daemon is: .*ENOENT/.test(line)));
  await daemon.stop();
});

describe('packaging/systemd', () => {
  const units = join(import.meta.dirname, '../../packaging/systemd');

  (has('systemd-analyze') ? it : it.skip).each([
    ['bender.service', 'bender.service'],
    ['bender-service@.service', 'bender-service@web.service'],
  ])('%s is a unit without mistakes, and hardened', async (name, instance) => {
    // A unit of an instance is looked for beside its template; the manual is not installed here.
    await writeFile(join(folder, instance), await readFile(join(units, name)));
    const verified = await execa('systemd-analyze', ['verify', '--man=no', `./${instance}`], {
      cwd: folder,
      reject: false,
    });
    expect([verified.stderr, verified.exitCode]).toEqual(['', 0]);
    const { exitCode, stdout } = await execa(
      'systemd-analyze',
      ['security', '--offline=true', '--threshold=20', `./${instance}`],
      { cwd: folder, reject: false },
    );
    expect(stdout).toMatch(/exposure level .*: [01]\.\d OK/);
    expect(exitCode).toBe(0);
  });
});
