/**
 * A virtual world for daemons: time that passes only when told to, a seeded dice, and a network without
 * sockets whose links can be slow, lossy or cut. The same seed gives the same run.
 */

import { createHash } from 'node:crypto';
import type { Signatures } from '../../src/daemon/core/identity.js';
import { Daemon } from '../../src/daemon/core/daemon.js';
import type { Frame } from '../../src/daemon/core/replication/frame.js';
import { parsePeerAddress } from '../../src/daemon/core/replication/peer-address.js';
import type { LogPart, Logs } from '../../src/daemon/core/log.js';
import { LimitedLog } from '../../src/daemon/limited-log.js';
import { type Line, logsOf, sinkOf } from './log.js';
import type { DaemonSettings, Names, Probes, Runtime, Timer, Transport } from '../../src/daemon/core/runtime.js';
import { UnreachableError } from '../../src/model/errors.js';
import { hostPort } from '../../src/model/registration.js';

interface Scheduled {
  at: number;
  order: number;
  run: () => void;
  cancelled: boolean;
  /** What is not run while its host is paused, but when it resumes. */
  host: Host | undefined;
}

/** A small fast generator (mulberry32), good enough to choose faults and delays. */
export function dice(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface NetworkOptions {
  /** ms from one host to another, at least and at most. */
  delay?: [number, number];
  /** The part of messages that get lost, 0 to 1. */
  loss?: number;
  /** The part of messages that arrive twice. */
  duplication?: number;
}

/** One place for a daemon: its process may end, pause, and start again there. */
export class Host {
  daemon: Daemon | undefined;
  /** Stopped, as by SIGSTOP: the process does not run. */
  paused = false;
  /** One piece of work goes on: the process runs, but takes no input and no timer. */
  busy = false;
  /**
   * While it is paused its monotonic clock stands still, as on a machine that sleeps; for how many ms it has so far.
   */
  suspended = false;
  suspendedMs = 0;
  /** ms for which it was paused, in all, and since when it is now. */
  stoppedMs = 0;
  stoppedAt = 0;
  /** ms by which this host's wall clock is off. */
  wallOffset = 0;
  /** How fast its clocks run: 1.01 gains a hundredth. To be set before a daemon starts there. */
  rate = 1;
  /** What is left of a process that has ended no longer runs. */
  process = 0;
  readonly waiting: Scheduled[] = [];
  fatal: Error | undefined;
  readonly logged: string[] = [];
  /** The parts that have written these lines. */
  readonly loggedBy: LogPart[] = [];

  constructor(
    readonly world: World,
    readonly name: string,
  ) {}

  /** Whether it takes nothing for now. */
  get stalled(): boolean {
    return this.paused || this.busy;
  }

  get url(): string {
    return `http://${this.name}.example:1729`;
  }
}

/** What a probed instance does: `silent` accepts connections and never answers, `slow` is healthy after 28 s. */
export type Health = 'healthy' | 'failing' | 'silent' | 'slow';

export class World {
  time = 0;
  readonly random: () => number;
  readonly hosts = new Map<string, Host>();
  /** Directed links that are cut, as `FROM>TO`. */
  readonly cut = new Set<string>();
  network: Required<NetworkOptions>;
  /** The part of messages that take so many ms more at most. */
  late = { part: 0, most: 0 };
  /**
   * Names that stand for the hosts listed, in that order: each host may be told something else. Every other name has
   * one address.
   */
  readonly names = new Map<string, (asker: string) => string[]>();
  /** Whether a cut link keeps what is sent over it until it is whole again, as TCP does, instead of losing it. */
  hold = false;
  readonly #held: { to: Host; run: () => void }[] = [];
  /** Messages and bytes (when counted) that have been sent. */
  messages = 0;
  onMessage: ((from: string, to: string, frame: Frame) => void) | undefined;
  readonly #queue: Scheduled[] = [];
  #order = 0;
  /** The instances that can be probed, by `HOST:PORT`. All others refuse connections. */
  readonly instances = new Map<string, Health>();
  /** Called with each probe that has passed, when its daemon hears of it. */
  onPass: ((host: Host, instance: string) => void) | undefined;
  /** Called with each probe that begins. */
  onProbe: ((host: Host, instance: string) => void) | undefined;
  /** What ties the names of daemons to their run ids; undefined: nothing does. */
  certificates: Names | undefined;

  constructor(
    readonly seed: number,
    network: NetworkOptions = {},
  ) {
    this.random = dice(seed);
    this.network = { delay: [0.2, 2], loss: 0, duplication: 0, ...network };
  }

  host(name: string): Host {
    let host = this.hosts.get(name);
    if (!host) this.hosts.set(name, (host = new Host(this, name)));
    return host;
  }

  /** Starts a daemon on its host; resolves (in virtual time) when it runs. */
  start(name: string, settings: Partial<DaemonSettings> = {}): Promise<Daemon> {
    const host = this.host(name);
    host.process++;
    host.fatal = undefined;
    const runtime = this.#runtime(host);
    host.daemon = new Daemon(
      {
        name,
        url: host.url,
        cluster: 'test',
        peers: [],
        ttlMs: 4000,
        peerTimeoutMs: 2000,
        version: '1.0.0',
        ...settings,
      },
      runtime,
      this.transportOf(name),
      this.#logs(host, runtime),
      {
        onFatal: (error) => {
          host.fatal = error;
          this.kill(name);
        },
      },
    );
    const daemon = host.daemon;
    return daemon.start().then(() => daemon);
  }

  /** The network as it is seen from a host. */
  transportOf(name: string): Transport {
    const host = this.host(name);
    return {
      exchange: (url, frame, timeoutMs, onThere) => this.#exchange(host, url, frame, timeoutMs, onThere),
      lookup: (hostname) => this.#lookUp(host, hostname),
      hangUp: () => undefined,
    };
  }

  /** The process is gone without a word. */
  kill(name: string): void {
    const host = this.host(name);
    host.process++;
    host.daemon = undefined;
    host.paused = host.busy = host.suspended = false;
    host.waiting.length = 0;
  }

  pause(name: string): void {
    const host = this.host(name);
    host.paused = true;
    host.stoppedAt = this.time;
  }

  resume(name: string): void {
    const host = this.host(name);
    if (host.paused) host.stoppedMs += this.time - host.stoppedAt;
    if (host.suspended) host.suspendedMs += this.time - host.stoppedAt;
    host.paused = host.suspended = false;
    this.#goOn(host);
  }

  /** Its event loop is blocked by one piece of work, until {@link unblock}. */
  block(name: string): void {
    this.host(name).busy = true;
  }

  unblock(name: string): void {
    const host = this.host(name);
    host.busy = false;
    this.#goOn(host);
  }

  /** What was waiting for it comes now. */
  #goOn(host: Host): void {
    if (host.stalled) return;
    for (const event of host.waiting.splice(0)) this.#push({ ...event, at: this.time, order: this.#order++ });
  }

  /** Cuts the given sides from each other, both ways. */
  partition(...sides: string[][]): void {
    sides.forEach((side, index) => {
      for (const other of sides.slice(index + 1).flat())
        for (const one of side) {
          this.cut.add(`${one}>${other}`);
          this.cut.add(`${other}>${one}`);
        }
    });
  }

  heal(): void {
    this.cut.clear();
    for (const { to, run } of this.#held.splice(0)) this.after(this.#delay(), run, to);
  }

  after(delayMs: number, run: () => void, host?: Host): Timer {
    const event: Scheduled = {
      at: this.time + Math.max(0, delayMs),
      order: this.#order++,
      run,
      cancelled: false,
      host,
    };
    this.#push(event);
    return { cancel: () => void (event.cancelled = true) };
  }

  /** Lets time pass. */
  async advance(ms: number): Promise<void> {
    const until = this.time + ms;
    await settled();
    for (let event = this.#queue[0]; event !== undefined && event.at <= until; event = this.#queue[0]) {
      this.#pop();
      if (event.cancelled) continue;
      this.time = Math.max(this.time, event.at);
      if (event.host?.stalled) {
        event.host.waiting.push(event);
        continue;
      }
      event.run();
      await settled();
    }
    this.time = until;
  }

  /** Lets time pass until the condition holds; fails loudly when it does not within `limitMs`. */
  async until(condition: () => boolean, limitMs = 60_000): Promise<number> {
    const begun = this.time;
    while (!condition()) {
      if (this.time - begun >= limitMs)
        throw new Error(`seed ${this.seed}: not so after ${limitMs} ms: ${condition.toString()}`);
      await this.advance(10);
    }
    return this.time - begun;
  }

  /** Lets time pass until the promise is settled. */
  async complete<T>(promise: Promise<T>, limitMs = 60_000): Promise<T> {
    let done = false;
    const mark = (): void => void (done = true);
    promise.then(mark, mark);
    await this.until(() => done, limitMs);
    return promise;
  }

  #runtime(host: Host): Runtime {
    const process = host.process;
    const guarded = (run: () => void) => () => {
      if (host.process === process) run();
    };
    return {
      now: () => (this.time - host.suspendedMs) * host.rate,
      wallNow: () => 1_700_000_000_000 + this.time * host.rate + host.wallOffset,
      after: (delayMs, run) => this.after(delayMs / host.rate, guarded(run), host),
      usage: () => ({
        activeMs: host.rate * (this.time - host.stoppedMs - (host.paused ? this.time - host.stoppedAt : 0)),
        asleepMs: 0,
      }),
      defer: (run) => void this.after(0, guarded(run), host),
      ...signatures(this.random),
      randomId: () => randomIdOf(this.random),
      names: this.certificates,
      probes: this.#probesOf(host),
    };
  }

  /**
   * Instances are not in the network of the daemons: its faults do not reach them. Links to them can be cut as
   * `HOST>INSTANCE`.
   */
  #probesOf(host: Host): Probes {
    const { process } = host;
    return {
      refusal: ({ host: address }) => (address.startsWith('169.254.') ? `'${address}' is link-local` : undefined),
      probe: ({ host: address, port }, signal) =>
        new Promise((resolve, reject) => {
          const instance = hostPort({ host: address, port });
          const link = `${host.name}>${instance}`;
          this.onProbe?.(host, instance);
          const answer = (): void => {
            if (host.process !== process || signal.aborted) return;
            if (health !== 'healthy' && health !== 'slow')
              return reject(new Error(health === 'failing' ? '503' : 'ECONNREFUSED'));
            this.onPass?.(host, instance);
            resolve();
          };
          let health: Health | undefined;
          const ask = (): void => {
            health = this.cut.has(link) ? 'silent' : this.instances.get(instance);
            if (health !== 'silent') this.after(health === 'slow' ? 28_000 : 1 + this.random(), answer, host);
          };
          // The request is sent when the daemon has heard that it is connected.
          this.after(1 + this.random(), ask, host);
        }),
    };
  }

  #logs(host: Host, runtime: Runtime): Logs {
    const text = (_: string, value: unknown): unknown =>
      value instanceof Error ? (value.stack ?? value.message) : value;
    return logsOf((part) => {
      const write = ({ level, message, fields }: Line): void => {
        if (level === 'debug') return;
        host.logged.push(`${level} ${message} ${JSON.stringify(fields, text)}`);
        host.loggedBy.push(part);
      };
      return new LimitedLog(sinkOf(write), runtime);
    });
  }

  #exchange(from: Host, url: string, frame: Frame, timeoutMs: number, onThere?: () => void): Promise<Frame> {
    const process = from.process;
    return new Promise((resolve, reject) => {
      const fail = (why: string) => reject(new UnreachableError(`${url}: ${why}`));
      const timer = this.after(timeoutMs / from.rate, () => fail('timed out'), from);
      const back = (settle: () => void) => {
        if (from.process !== process) return;
        timer.cancel();
        settle();
      };
      const to = this.#hostAt(from, url);
      if (!to?.daemon && !(to && this.cut.has(`${from.name}>${to.name}`))) {
        this.after(this.#delay(), () => back(() => fail('connection refused')), from);
        return;
      }
      // A connection is accepted by the host, whatever the process is busy with.
      if (onThere && !this.cut.has(`${from.name}>${to.name}`) && !this.cut.has(`${to.name}>${from.name}`))
        this.after(2 * this.network.delay[0], () => from.process === process && onThere(), from);
      this.#send(from, to, frame, () => {
        const accept = (answer: Frame): void => this.#send(to, from, answer, () => back(() => resolve(answer)));
        const refuse = (error: unknown): void =>
          this.#send(to, from, frame, () =>
            back(() => reject(error instanceof Error ? error : new Error(String(error)))),
          );
        try {
          if (!to.daemon) return;
          const answer = to.daemon.receive(frame);
          if (answer instanceof Promise) answer.then(accept, refuse);
          else accept(answer);
        } catch (error) {
          refuse(error);
        }
      });
    });
  }

  #lookUp(asker: Host, name: string): Promise<string[]> {
    const stands = this.names.get(name);
    if (!stands) return Promise.resolve(['its only address']);
    const process = asker.process;
    return new Promise((resolve, reject) => {
      const answer = (): void => {
        if (asker.process !== process) return;
        const addresses = stands(asker.name);
        if (addresses.length > 0) resolve(addresses);
        else reject(new Error(`getaddrinfo ENOTFOUND ${name}`));
      };
      this.after(this.#delay(), answer, asker);
    });
  }

  /**
   * Addresses are the names of hosts here. A name whose address is not given leads to the first of those that it stands
   * for.
   */
  #hostAt(from: Host, where: string): Host | undefined {
    const { url, address } = parsePeerAddress(where);
    const named = address ?? this.names.get(new URL(url).hostname)?.(from.name)[0];
    return named === undefined ? [...this.hosts.values()].find((host) => host.url === url) : this.hosts.get(named);
  }

  #send(from: Host, to: Host, frame: Frame, deliver: () => void): void {
    this.messages++;
    this.onMessage?.(from.name, to.name, frame);
    const copies = this.random() < this.network.duplication ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      if (this.random() < this.network.loss) continue;
      const process = to.process;
      const arrive = (): void => {
        // A connection does not outlive the process that it leads to.
        if (to.process !== process) return;
        if (!this.cut.has(`${from.name}>${to.name}`)) deliver();
        else if (this.hold) this.#held.push({ to, run: arrive });
      };
      this.after(this.#delay(), arrive, to);
    }
  }

  #delay(): number {
    const [least, most] = this.network.delay;
    const usual = least + this.random() * (most - least);
    if (this.late.part === 0 || this.random() >= this.late.part) return usual;
    return usual + this.random() * this.late.most;
  }

  #push(event: Scheduled): void {
    const queue = this.#queue;
    let index = queue.length;
    queue.push(event);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!before(event, queue[parent]!)) break;
      queue[index] = queue[parent]!;
      index = parent;
    }
    queue[index] = event;
  }

  #pop(): void {
    const queue = this.#queue;
    const last = queue.pop()!;
    if (queue.length === 0) return;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= queue.length) break;
      if (child + 1 < queue.length && before(queue[child + 1]!, queue[child]!)) child++;
      if (!before(queue[child]!, last)) break;
      queue[index] = queue[child]!;
      index = child;
    }
    queue[index] = last;
  }
}

const before = (a: Scheduled, b: Scheduled): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);

const randomIdOf = (random: () => number): string =>
  Array.from({ length: 4 }, () => Math.floor(random() * 36 ** 5).toString(36))
    .join('')
    .padEnd(16, '0');

/** Signatures that cost nothing. Any program that knows the key can forge them, so none in the tests may do that. */
export function signatures(random: () => number): Signatures {
  const signed = (key: Uint8Array, text: string): Uint8Array => createHash('sha256').update(key).update(text).digest();
  return {
    newIdentity: () => {
      const key = createHash('sha256').update(randomIdOf(random)).digest();
      return { key, sign: (text) => signed(key, text) };
    },
    verify: (key, text, signature) => Buffer.compare(signed(key, text), signature) === 0,
  };
}

/** Every promise that can go on has gone on. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
