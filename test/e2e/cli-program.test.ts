/** `register -- CMD` with programs that have children, hang, daemonize or do not obey, in all kinds of surroundings. */

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { execFileSync, spawn } from 'node:child_process';
import { closeSync, constants, openSync, readFileSync, writeSync } from 'node:fs';
import { chmod, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '../../src/client/client.js';
import type { SeenEvent } from '../../src/client/picture.js';
import type { Running } from '../helpers/cli.js';
import { start } from '../helpers/cli.js';
import { startDaemon, stopDaemons } from '../helpers/daemon.js';
import { eventually, never } from '../helpers/eventually.js';
import { freePort } from '../helpers/free-port.js';

const bin = join(import.meta.dirname, '../../bin/run.js');

/**
 * Listens on $BIND:$PORT, after $AFTER ms; appends each signal to $LOG. With `/hang` it closes its port and lives on.
 */
const service = `
import { createServer } from 'node:http';
import { appendFileSync } from 'node:fs';
const { BENDER_ID, PORT, BIND = '127.0.0.1', LOG } = process.env;
const server = createServer((request, response) => {
  response.end('this is ' + BENDER_ID);
  if (request.url === '/hang') { server.close(); server.closeAllConnections(); }
  if (request.url === '/again') server.listen(Number(PORT), BIND);
}).listen(Number(PORT), BIND);
setInterval(() => {}, 1000);
process.on('SIGUSR2', () => server.listen(Number(PORT), BIND));
for (const signal of ['SIGTERM', 'SIGINT'])
  process.on(signal, () => { if (LOG) appendFileSync(LOG, signal + '\\n'); process.exit(0); });
`;

let server: string;
let client: Client;
let folder: string;
let log: string;
beforeAll(async () => {
  server = (await startDaemon({ args: ['--warm-for', '0'] })).url;
  client = new Client({ servers: [server] });
});
afterAll(stopDaemons);
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bender-program-'));
  log = join(folder, 'log');
  await writeFile(join(folder, 'service.mjs'), service);
  const scripts = { start: 'node service.mjs', longer: 'true && node service.mjs' };
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'service', version: '1.0.0', scripts }));
});

const started: Running[] = [];
afterEach(async () => {
  for (const child of started.splice(0)) {
    child.kill('SIGTERM');
    await child;
  }
  await rm(folder, { recursive: true });
});

const bender = (args: string[], env: NodeJS.ProcessEnv = {}): Running => {
  const child = start(args, { server, cwd: folder, env: { LOG: log, ...env } });
  started.push(child);
  return child;
};
const register = (app: string, flags: string[], command: string[], env?: NodeJS.ProcessEnv): Running =>
  bender(['register', '--app', app, '--version', '1', '--host', '127.0.0.1', ...flags, '--', ...command], env);

const portOf = async (app: string): Promise<number> =>
  (await eventually(async () => (await client.registrations({ app }))[0])).port;

async function answers(port: number, host = '127.0.0.1'): Promise<boolean> {
  const socket = connect({ host, port });
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

const gone = (port: number): Promise<unknown> => eventually(async () => !(await answers(port)));

/** What happens to `app` from now on. */
async function watch(app: string) {
  const ending = new AbortController();
  const seen: SeenEvent[] = [];
  const ready = new Promise<void>((resolve) => {
    void (async () => {
      const options = { signal: ending.signal, onSnapshot: () => resolve() };
      for await (const change of client.changes({ app }, options)) seen.push(change);
    })();
  });
  await ready;
  const told = () => seen.map((event) => [event.type, ...('reason' in event ? [event.reason] : [])].join(' '));
  return { seen, told, end: () => ending.abort() };
}

describe('what CMD started', () => {
  it.each([
    ['npm start', ['npm', 'start']],
    ['npm run', ['npm', 'run', 'longer']],
    ['a shell', ['sh', '-c', 'node service.mjs']],
    ['a pipeline', ['bash', '-c', 'node service.mjs | cat']],
    ['a process in a session of its own', ['sh', '-c', 'setsid node service.mjs & wait']],
  ])('ends with bender: %s', async (_, command) => {
    const app = `tree-${command.join('').length}`;
    const running = register(app, [], command);
    const port = await portOf(app);
    running.kill('SIGTERM');
    await running;
    expect(await answers(port)).toBe(false);
    expect(await client.registrations({ app })).toEqual([]);
    expect(await readFile(log, 'utf8')).toBe('SIGTERM\n');
  });

  it('ends when bender is killed', async () => {
    const running = register('orphan', [], ['npm', 'start']);
    const port = await portOf('orphan');
    running.kill('SIGKILL');
    await gone(port);
  });

  it('is killed where it does not end, after a word', async () => {
    const running = register(
      'deaf',
      ['--no-wait', '--kill-after', '300ms'],
      ['sh', '-c', 'trap "" TERM; while :; do sleep 0.1; done'],
    );
    await portOf('deaf');
    running.kill('SIGTERM');
    const { exitCode, stderr } = await running;
    expect(exitCode).toBe(137);
    expect(stderr).toMatch(
      /^waiting for CMD \(process.*\) to end\nCMD has not ended 0.3 s after it was told to: killing process/m,
    );
  });

  it('is given up by a --ready-timeout that it cannot refuse', async () => {
    const { exitCode, stderr } = await register(
      'never',
      ['--ready-timeout', '200ms', '--kill-after', '200ms'],
      ['sh', '-c', 'trap "" TERM; while :; do sleep 0.1; done'],
    );
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(
      /^Error: nothing listens on .* after 200ms: .*\nwaiting for CMD .*\nCMD has not ended .*: killing/,
    );
  });

  it.each(['true', 'node service.mjs & exit 0'])('that ends before it listens is told: %s', async (script) => {
    const port = await freePort();
    const { exitCode, stderr } = await register('early', ['--port', String(port)], ['sh', '-c', script]);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(`CMD ended (exit code 0) before it listened on ${port}: it was not registered`);
    expect(await answers(port)).toBe(false);
  });

  it('that daemonizes is told, and ended', async () => {
    const running = register('forked', [], ['sh', '-c', 'setsid node service.mjs & sleep 2; exit 0']);
    const port = await portOf('forked');
    const { exitCode, stderr } = await running;
    expect(exitCode).toBe(0);
    expect(stderr).toMatch('CMD ended (exit code 0), but its port still answers');
    expect(await answers(port)).toBe(false);
  });

  it('that another one stopped during the drain is told', async () => {
    const running = register('undrained', ['--drain', '20s'], ['sh', '-c', 'echo $$ > pid; exec node service.mjs']);
    await portOf('undrained');
    running.kill('SIGTERM');
    await eventually(async () => (await client.registrations({ app: 'undrained' }))[0]?.draining);
    process.kill(Number(await readFile(join(folder, 'pid'), 'utf8')), 'SIGTERM');
    expect((await running).stderr).toMatch('before its drain was over: bender had not stopped it yet');
  });
});

describe('readiness', () => {
  it('is not taken from what was there before', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const { told, end } = await watch('taken');
    const { exitCode, stderr, stdout } = await register('taken', ['--port', String(port)], ['echo', 'started']);
    expect(exitCode).toBe(1);
    expect(stderr).toBe(`Error: something listens on 127.0.0.1:${port} already: see --no-wait`);
    expect(stdout).toBe('');
    expect(told()).toEqual([]);
    end();
    other.close();
  });

  it('says where callers are sent to, if that is not where CMD listens', async () => {
    const port = await freePort();
    const running = bender(
      ['register', '--app', 'aside', '--version', '1', '--host', '127.0.0.2', '--port', String(port)].concat(
        ...['--', 'node', 'service.mjs'],
      ),
    );
    await portOf('aside');
    running.kill('SIGTERM');
    expect((await running).stderr).toMatch(
      `CMD listens on 127.0.0.1:${port} only; callers are sent to 127.0.0.2:${port}`,
    );
  });
});

describe('a check', () => {
  const quick = ['--check-interval', '100ms', '--check-fails', '2'];

  it('takes a service offline that does not accept any more, and brings the same instance back', async () => {
    const running = register('hung', quick, ['node', 'service.mjs']);
    const port = await portOf('hung');
    const { seen, told, end } = await watch('hung');
    const [before] = await client.registrations({ app: 'hung' });
    await client.setState(before!, { draining: true, reason: 'kernel' });
    await fetch(`http://127.0.0.1:${port}/hang`).catch(() => undefined);
    await eventually(() => told().includes('offline unhealthy'));
    expect(seen.at(-1)).toMatchObject({ detail: `tcp 127.0.0.1:${port}: ECONNREFUSED` });
    running.kill('SIGUSR2'); // It listens again.
    await eventually(() => told().at(-1) === 'online');
    const [after] = await client.registrations({ app: 'hung' });
    expect(after).toMatchObject({ instance: before!.instance, draining: true, drainReason: 'kernel' });
    end();
  });

  it.each([
    ['CMD', 'echo $$ > pid; exec node service.mjs'],
    ['service below CMD', 'node service.mjs & echo $! > pid; wait'],
  ])('sees a suspended %s, although its port accepts', async (what, script) => {
    const app = `stopped-${what.length}`;
    void register(app, quick, ['sh', '-c', script]);
    await portOf(app);
    const { seen, end } = await watch(app);
    const pid = Number(await readFile(join(folder, 'pid'), 'utf8'));
    process.kill(pid, 'SIGSTOP');
    await eventually(() => seen.some((event) => 'reason' in event && event.reason === 'unhealthy'));
    process.kill(pid, 'SIGCONT');
    await eventually(() => seen.at(-1)?.type === 'online');
    end();
  });

  it('is asked for by --hold, by http or by a command', async () => {
    const held = bender([
      ...['register', '--app', 'held', '--version', '1', '--host', '127.0.0.1', '--port', '9'],
      ...['--hold', '--check', 'exec:test ! -e broken', ...quick],
    ]);
    await portOf('held');
    const { told, end } = await watch('held');
    await writeFile(join(folder, 'broken'), '');
    await eventually(() => told().includes('offline unhealthy'));
    await rm(join(folder, 'broken'));
    await eventually(() => told().at(-1) === 'online');
    held.kill('SIGTERM');
    const { exitCode, stderr } = await held;
    expect(exitCode).toBe(0);
    expect(stderr).toMatch(/unhealthy, so offline: exit code 1\nhealthy again: online/);
    end();
  });

  it('is none that makes no sense', async () => {
    const { exitCode, stderr } = await register('odd', ['--check', 'udp'], ['true']);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch('a check must be tcp, http://HOST/PATH, http:/PATH or exec:CMD');
  });
});

describe('a terminal', () => {
  /** bender in a terminal of its own. */
  function inTerminal(app: string, command: string) {
    const line = `exec node ${bin} register --app ${app} --version 1 --host 127.0.0.1 -- ${command}`;
    const { BENDER_SERVER: _, PORT: __, ...rest } = process.env;
    const child = spawn('script', ['-qec', `echo $$ > bender.pid; ${line}`, '/dev/null'], {
      cwd: folder,
      env: { ...rest, BENDER_SERVER: server, LOG: log, SHELL: '/bin/sh' },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    child.stdout.resume();
    return {
      child,
      ended: once(child, 'exit'),
      pid: async () => Number(await readFile(join(folder, 'bender.pid'), 'utf8')),
    };
  }

  it.each(['SIGINT', 'SIGTERM'] as const)('is no reason to keep %s by kill from CMD', async (signal) => {
    const { ended, pid } = inTerminal(`pty-${signal}`, 'node service.mjs');
    const port = await portOf(`pty-${signal}`);
    process.kill(await pid(), signal);
    expect(await ended).toEqual([0, null]);
    expect(await readFile(log, 'utf8')).toBe(`${signal}\n`);
    expect(await answers(port)).toBe(false);
  });

  it.each(['node service.mjs', "sh -c 'node service.mjs; true'"])('sends Ctrl-C once: %s', async (command) => {
    const app = `ctrl-c-${command.length}`;
    const { child, ended } = inTerminal(app, command);
    const port = await portOf(app);
    child.stdin.write('\u0003');
    await ended;
    expect(await readFile(log, 'utf8')).toBe('SIGINT\n');
    expect(await answers(port)).toBe(false);
    expect(await client.registrations({ app })).toEqual([]);
  });
});

describe('a terminal that is closed', () => {
  it('ends bender properly, and Node does not fail over it', async () => {
    const port = await freePort();
    const line = `exec node ${bin} serve --port ${port} --warm-for 0 2>err`;
    const child = spawn('script', ['-qec', line, '/dev/null'], {
      cwd: folder,
      env: { ...process.env, SHELL: '/bin/sh' },
      stdio: ['pipe', 'ignore', 'inherit'],
    });
    await eventually(async () => (await fetch(`http://127.0.0.1:${port}/livez`)).ok);
    child.kill('SIGKILL');
    await gone(port);
    const said = await eventually(async () => {
      const text = await readFile(join(folder, 'err'), 'utf8');
      return text.includes('stopping') && text;
    });
    await never(() => readFileSync(join(folder, 'err'), 'utf8').includes('Assertion'), { forMs: 500 });
    expect(said).not.toContain('Assertion');
  });
});

describe('an output that is gone or full', () => {
  const hold = (port: number): string[] => [
    ...['register', '--app', 'hung', '--version', '1', '--host', '127.0.0.1', '--port', `${port}`, '--hold'],
  ];

  it.each(['register', 'hold'])('does not end %s', async (how) => {
    const full = await open('/dev/full', 'w');
    const port = await freePort();
    const args = ['register', '--app', `full-${how}`, '--version', '1', '--host', '127.0.0.1', '--port', `${port}`];
    const rest = how === 'hold' ? ['--hold'] : ['--', 'node', 'service.mjs'];
    const child = spawn(process.execPath, [bin, ...args, ...rest], {
      cwd: folder,
      env: { ...process.env, BENDER_SERVER: server, LOG: log },
      stdio: ['ignore', full.fd, full.fd],
    });
    const ended = once(child, 'exit');
    await portOf(`full-${how}`);
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    expect(await client.registrations({ app: `full-${how}` })).toEqual([]);
    await full.close();
  });

  it.each([[[]], [['--log-format', 'json']]])('does not end serve %j', async (flags) => {
    const full = await open('/dev/full', 'w');
    const port = await freePort();
    const child = spawn(process.execPath, [bin, 'serve', '--port', String(port), ...flags], {
      stdio: ['ignore', full.fd, full.fd],
    });
    const ended = once(child, 'exit');
    await eventually(async () => (await fetch(`http://127.0.0.1:${port}/livez`)).ok);
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    await full.close();
  });

  describe('of a reader that hangs', () => {
    /** A pipe that is full, for others to write to. */
    async function fullPipe() {
      const path = join(folder, 'pipe');
      execFileSync('mkfifo', [path]);
      const kept = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
      const fill = Buffer.alloc(4096, '.');
      try {
        for (;;) writeSync(kept, fill);
      } catch {
        // It is full.
      }
      const full = await open(path, 'w');
      return { fd: full.fd, close: () => full.close().then(() => closeSync(kept)) };
    }

    it.each([
      ['serve', (port: number) => ['serve', '--port', `${port}`, '--warm-for', '0']],
      ['register --hold', hold],
      ['register -- CMD', (port: number) => [...hold(port).slice(0, -1), '--', 'node', 'service.mjs']],
      ['watch', () => ['watch', '--exec', 'echo "$BENDER_PORT" >> seen']],
      ['template', () => ['template', 'a.liquid', 'seen']],
    ])('stops neither %s nor its end', async (_, argsFor) => {
      await writeFile(join(folder, 'a.liquid'), '{% for r in registrations %}{{ r.port }}\n{% endfor %}');
      const pipe = await fullPipe();
      const port = await freePort();
      const child = spawn(process.execPath, [bin, ...argsFor(port)], {
        cwd: folder,
        env: { ...process.env, BENDER_SERVER: server },
        stdio: ['ignore', pipe.fd, pipe.fd],
      });
      const ended = once(child, 'exit');
      const other = { app: 'other', version: '1', host: '127.0.0.1' };
      const isAtWork = async (): Promise<boolean> => {
        const [command] = argsFor(port);
        if (command === 'serve') return (await fetch(`http://127.0.0.1:${port}/livez`)).ok;
        if (command === 'register')
          return (await client.registrations({ app: 'hung' })).some((one) => one.port === port);
        await client.register({ ...other, port: 1 + Math.floor(Math.random() * 65_535) });
        return (await readFile(join(folder, 'seen'), 'utf8')) !== '';
      };
      await eventually(isAtWork, { withinMs: 30_000, everyMs: 200 });
      child.kill('SIGTERM');
      expect(await ended).toEqual([0, null]);
      await pipe.close();
    });
  });

  it('does not end register when the reader of its pipe dies and there is something to say', async () => {
    const own = await startDaemon({ args: ['--warm-for', '0'] });
    const other = new Client({ servers: [own.url] });
    const running = start(
      [
        'register',
        '--app',
        'pipe',
        '--version',
        '1',
        '--host',
        '127.0.0.1',
        '--ttl',
        '1s',
        '--',
        'node',
        'service.mjs',
      ],
      { server: own.url, cwd: folder, env: { LOG: log } },
    );
    await eventually(async () => (await other.registrations({ app: 'pipe' }))[0]);
    running.stdout.destroy();
    running.stderr.destroy();
    await own.kill();
    await never(() => running.exitCode !== null, { forMs: 1500 });
    await startDaemon({ port: Number(new URL(own.url).port), args: ['--warm-for', '0'] });
    await eventually(async () => (await other.registrations({ app: 'pipe' }))[0]);
    running.kill('SIGTERM');
    await running;
    expect(await readFile(log, 'utf8')).toBe('SIGTERM\n');
  });
});

describe('SIGHUP', () => {
  it('is a goodbye for --hold', async () => {
    const held = bender(['register', '--app', 'hup', '--version', '1', '--port', '9', '--hold']);
    await portOf('hup');
    held.kill('SIGHUP');
    expect((await held).exitCode).toBe(0);
    expect(await client.registrations({ app: 'hup' })).toEqual([]);
  });

  it('is a goodbye for serve', async () => {
    const second = await startDaemon({ peers: [server] });
    await eventually(async () => (await client.daemons()).length > 1);
    second.process.kill('SIGHUP');
    expect((await second.process).exitCode).toBe(0);
    const state = async () => (await client.daemons()).find(({ url }) => url === second.url)?.state;
    await eventually(async () => (await state()) === 'left');
  });

  it('is no crash for watch and template', async () => {
    await writeFile(join(folder, 'a.liquid'), 'x');
    for (const args of [['watch'], ['template', 'a.liquid', 'a.txt']]) {
      const running = bender(args);
      let said = '';
      running.stderr.on('data', (text) => (said += text));
      await eventually(() => said !== '');
      running.kill('SIGHUP');
      expect((await running).exitCode).toBe(0);
    }
  });
});

it('needs neither home nor shell', async () => {
  const { HOME: _home, SHELL: _shell, ...env } = process.env;
  const child = spawn('setpriv', ['--reuid', '54321', '--clear-groups', process.execPath, bin, '--version'], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await chmod(folder, 0o755);
  expect(await once(child, 'exit')).toEqual([0, null]);
});
