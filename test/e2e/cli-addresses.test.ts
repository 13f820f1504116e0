/**
 * Which address of a machine is registered if none is given: in network namespaces, whose interfaces the tests lay out.
 */

import { afterEach, describe, expect, it } from '@jest/globals';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Registration } from '../../src/model/registration.js';
import { linesOf } from '../helpers/cli.js';
import { eventually, never } from '../helpers/eventually.js';
import { whyNoNetwork } from './faults/network.js';

const bin = join(import.meta.dirname, '../../bin/run.js');
const server = 'http://127.0.0.1:1729';
const whyNot = whyNoNetwork();
if (whyNot !== undefined) process.stderr.write(`skipped, the addresses of machines: ${whyNot}\n`);

/** A machine with a network of its own. */
class Machine {
  readonly #name = `bender-address-${process.pid}`;
  readonly #started: ChildProcess[] = [];

  constructor() {
    execFileSync('ip', ['netns', 'add', this.#name]);
    this.ip('link set lo up');
  }

  ip(command: string): void {
    execFileSync('ip', ['-n', this.#name, ...command.split(' ')], { stdio: 'pipe' });
  }

  /** An interface with this address; the names tell in which order they came. */
  add(name: string, address: string): void {
    this.ip(`link add ${name} type veth peer name ${name}-end`);
    this.ip(`link set ${name}-end up`);
    this.ip(`address add ${address} dev ${name}`);
    this.ip(`link set ${name} up`);
  }

  bender(...args: string[]): { child: ChildProcess; lines: string[]; notices: string[] } {
    const { PORT: _, NODE_OPTIONS: __, FORCE_COLOR: ___, ...env } = process.env;
    const child = spawn('ip', ['netns', 'exec', this.#name, process.execPath, bin, ...args], {
      env: { ...env, BENDER_SERVER: server },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#started.push(child);
    return { child, lines: linesOf(child.stdout), notices: linesOf(child.stderr) };
  }

  /** A daemon that is ready. */
  async serve(...args: string[]): Promise<string> {
    const { lines } = this.bender('serve', '--insecure', '--warm-for', '0', ...args);
    return eventually(() => lines[0], { withinMs: 30_000 });
  }

  async print(part: 'host' | 'url', ...flags: string[]): Promise<string> {
    const args = ['register', '--app', 'web', '--version', '1', '--port', '80', '--print', part];
    const { lines, child } = this.bender(...args, ...flags);
    await once(child, 'close');
    return lines.join('\n');
  }

  /** The hosts of all that is registered of `app`. */
  async hosts(app: string): Promise<string[]> {
    const { lines, child } = this.bender('ls', '--app', app, '--json');
    await once(child, 'close');
    return (JSON.parse(lines.join('')) as Registration[]).map(({ host }) => host);
  }

  async remove(): Promise<void> {
    for (const child of this.#started) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
    execFileSync('ip', ['netns', 'delete', this.#name]);
  }
}

// Needs network namespaces, as root; it says what is missing.
(whyNot === undefined ? describe : describe.skip)('the address of a machine', () => {
  let machine: Machine;
  afterEach(() => machine.remove());

  it.each([
    ['a bridge of containers', '172.17.0.1/16'],
    ['a link-local address', '169.254.7.7/16'],
    ['a tunnel', '100.64.0.9/32'],
  ])('is that of the default route, whatever came before it: %s', async (_, other) => {
    machine = new Machine();
    machine.add('aaa0', other);
    machine.add('eth0', '10.0.0.5/24');
    machine.ip('route add default via 10.0.0.1');
    expect(await machine.serve('--host', '0.0.0.0')).toMatch('http://10.0.0.5:1729');
    expect(await machine.print('host')).toBe('10.0.0.5');
  });

  it('is link-local only if there is no other', async () => {
    machine = new Machine();
    machine.add('aaa0', '169.254.7.7/16');
    await machine.serve();
    expect(await machine.print('host')).toBe('169.254.7.7');
    machine.add('eth0', '10.0.0.5/24');
    expect(await machine.print('host')).toBe('10.0.0.5');
  });

  it('is followed by what is held, without a moment in which nothing is registered', async () => {
    machine = new Machine();
    machine.add('eth0', '10.0.0.5/24');
    machine.ip('route add default via 10.0.0.1');
    await machine.serve();
    const { child, notices } = machine.bender(
      ...['register', '--app', 'web', '--version', '1', '--port', '80', '--hold'],
    );
    const given = machine.bender(
      ...['register', '--app', 'given', '--version', '1', '--host', '10.0.0.5', '--port', '80', '--hold'],
    );
    await eventually(async () => (await machine.hosts('web'))[0] === '10.0.0.5');
    await eventually(async () => (await machine.hosts('given'))[0] === '10.0.0.5');
    const { lines: seen } = machine.bender('watch', '--app', 'web', '--json');
    await eventually(() => seen.some((line) => line.includes('"snapshot"')));

    // As it is between two networks: there is nothing to follow yet.
    machine.ip('address del 10.0.0.5/24 dev eth0');
    await eventually(() => notices.some((line) => line.includes('waiting for one')));
    expect(await machine.hosts('web')).toEqual(['10.0.0.5']);

    machine.ip('address add 192.168.7.9/24 dev eth0');
    await eventually(() => seen.filter((line) => /"type":"o(n|ff)line"/.test(line)).length === 2);
    expect(await machine.hosts('web')).toEqual(['192.168.7.9']);
    expect(await machine.hosts('given')).toEqual(['10.0.0.5']);
    const told = seen.slice(1).map((line) => JSON.parse(line) as { type: string; registration: Registration });
    expect(told.map(({ type, registration }) => `${type} ${registration.host}`)).toEqual([
      'online 192.168.7.9',
      'offline 10.0.0.5',
    ]);
    expect(notices).toContain(
      '10.0.0.5 is no longer an address of this machine: registering 192.168.7.9:80 in its place',
    );
    expect(given.notices).toEqual([]);
    child.kill('SIGTERM');
    await once(child, 'exit');
    expect(await machine.hosts('web')).toEqual([]);
  });

  it('is followed from one that stood in until there was a network', async () => {
    machine = new Machine();
    await machine.serve();
    machine.bender('register', '--app', 'web', '--version', '1', '--port', '80', '--hold');
    await eventually(async () => (await machine.hosts('web'))[0] === '127.0.0.1');
    machine.add('eth0', '10.0.0.5/24');
    await eventually(async () => (await machine.hosts('web')).join() === '10.0.0.5');
  });

  it('is checked where it is, after the machine has moved', async () => {
    machine = new Machine();
    machine.add('eth0', '10.0.0.5/24');
    machine.add('eth1', '192.168.7.9/24');
    machine.ip('route add default via 10.0.0.1');
    await machine.serve();
    const folder = await mkdtemp(join(tmpdir(), 'bender-address-'));
    await writeFile(join(folder, 'service.mjs'), service);
    const { notices } = machine.bender(
      ...['register', '--app', 'web', '--version', '1', '--check-interval', '100ms', '--check-fails', '2'],
      ...['--', process.execPath, join(folder, 'service.mjs')],
    );
    await eventually(async () => (await machine.hosts('web'))[0] === '10.0.0.5');
    machine.ip('address del 10.0.0.5/24 dev eth0');
    await eventually(() => notices.some((line) => line.startsWith('registered web/1/192.168.7.9')));
    await never(() => notices.at(-1)!.startsWith('unhealthy'), { forMs: 1000 });
    expect(await machine.hosts('web')).toEqual(['192.168.7.9']);
    await rm(folder, { recursive: true });
  });
});

/** Not on loopback, where it would be found first. */
const service = `
import { createServer } from 'node:net';
for (const host of ['10.0.0.5', '192.168.7.9'])
  createServer((socket) => socket.on('error', () => {}).end()).listen(Number(process.env.PORT), host);
`;
