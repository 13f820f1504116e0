/** Five daemons, a hundred services and a watcher on a network of their own, and the faults that befall them. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../../helpers/eventually.js';
import { dice } from '../../helpers/world.js';
import { difference, violationsIn } from './checker.js';
import { fakeTime, setOffset } from './fake-time.js';
import { type Attempt, History, now, type Told } from './history.js';
import { JsonProcess } from './json-process.js';
import { convergences, Measures } from './measures.js';
import { Member, port } from './member.js';
import { Network } from './network.js';
import { describeFailure } from './report.js';
import { Story } from './story.js';

export const ttl = 4000;
const relayPort = port + 1;
const habits = ['sticky', 'rotating', 'failover'] as const;
const fixture = (name: string): string => join(import.meta.dirname, '../../fixtures/faults', name);

type AttemptLine = Omit<Attempt, 'daemon'> & { type: 'attempt'; daemon: number };

export class Cluster {
  readonly history = new History();
  readonly measures = new Measures();
  readonly members: Member[];
  readonly stories: Story[];
  readonly random: () => number;
  readonly #network = new Network();
  readonly #folder = mkdtempSync(join(tmpdir(), 'bender-faults-'));
  readonly #relay: JsonProcess<{ type: string }>;
  readonly #clients: JsonProcess<AttemptLine>;
  readonly #watcher: JsonProcess<Told & { type: string }>;
  readonly #watcherAddress: string;
  #cuts = new Set<string>();
  #serial = 0;

  constructor(seed: number) {
    this.random = dice(seed);
    const places = ['d1', 'd2', 'd3', 'd4', 'd5'].map((name) => this.#network.add(name));
    this.members = places.map((place, index) => {
      if (index === 4) return new Member(this.#network, place, { advertise: `http://${place.address}:${relayPort}` });
      const clock = index === 2 || index === 3;
      return new Member(this.#network, place, clock ? { environment: fakeTime(this.#clockOf(place.name)) } : {});
    });
    const seeds = this.members.slice(0, 3).map(({ url }) => url);
    for (const member of this.members) member.peers = seeds.filter((url) => url !== member.url);
    this.stories = this.members.map(({ name }) => new Story(name));

    const watching = this.#network.add('watcher');
    this.#watcherAddress = watching.address;
    this.#watcher = new JsonProcess(this.#network.spawn(watching, [fixture('watcher.js')]), (told) => {
      this.history.told.push(told);
      this.stories.find(({ daemon }) => daemon === told.daemon)!.take(told);
    });
    const clients = this.#network.spawn(this.#network.add('clients'), [fixture('clients.js')]);
    this.#clients = new JsonProcess(clients, (line) =>
      this.history.add({ ...line, daemon: this.members[line.daemon]!.name }),
    );
    const relay = this.#network.spawn(places[4]!, [fixture('relay.js'), String(relayPort), String(port)]);
    this.#relay = new JsonProcess(relay, () => undefined);
  }

  /** Starts all daemons, the fourth an hour ahead of the others, and as many services. */
  async start(services: number): Promise<void> {
    setOffset(this.#clockOf('d4'), 3600);
    for (const member of this.members) {
      await member.start();
      this.#watcher.send({ follow: { daemon: member.name, url: member.url } });
    }
    this.#survey();
    this.#clients.send({ daemons: this.members.map(({ url }) => url) });
    for (let index = 0; index < services; index++) this.startService();
    await this.settled();
  }

  /** Ends every process, and the network. */
  async remove(): Promise<void> {
    await Promise.all([
      ...this.members.map((member) => member.end('SIGKILL')),
      ...[this.#watcher, this.#clients, this.#relay].map((child) => child.end()),
    ]);
    this.#network.remove();
    rmSync(this.#folder, { recursive: true });
  }

  startService(habit = this.pick(habits)): string {
    const number = ++this.#serial;
    const id = `app${number % 3}/1.0.0/10.9.0.1/${number}`;
    const home = number % this.members.length;
    this.history.services.set(id, { id, ttl, alive: true });
    this.#clients.send({ start: { id, ttl, habit, home } });
    return id;
  }

  /** Ends a service, with a word or without. */
  endService(how: 'delete' | 'silence', id = this.pick(this.#alive())): string {
    this.history.services.get(id)!.alive = false;
    this.history.note(`${how} ${id}`);
    this.#clients.send({ [how]: id });
    return id;
  }

  async restart(member: Member, signal: 'SIGTERM' | 'SIGKILL', { awayMs }: { awayMs: number }): Promise<void> {
    await this.end(member, signal);
    await this.wait(awayMs);
    await this.boot(member);
  }

  async end(member: Member, signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
    this.#incident(member, signal);
    const ended = member.end(signal);
    this.#survey();
    const code = await ended;
    this.#incident(member, `ended with ${code}`);
    return code;
  }

  async boot(member: Member): Promise<void> {
    await member.start();
    this.#incident(member, 'joined');
    this.#survey();
  }

  async pause(member: Member, forMs: number): Promise<void> {
    this.#incident(member, `SIGSTOP for ${forMs} ms`);
    member.pause();
    this.#survey();
    await this.wait(forMs);
    this.#incident(member, 'SIGCONT');
    member.resume();
    this.#survey();
  }

  /** Nothing gets from one group of daemons to the other; services keep to the side of their home. */
  partition(...sides: Member[][]): void {
    const [left, right] = sides as [Member[], Member[]];
    this.#clients.send({ sides: sides.map((side) => side.map((member) => this.members.indexOf(member))) });
    this.cut(
      left.flatMap((a) =>
        right.flatMap((b): [Member, Member][] => [
          [a, b],
          [b, a],
        ]),
      ),
    );
  }

  /** Nothing gets from the first to the second of each pair. */
  cut(pairs: readonly (readonly [from: Member, to: Member])[]): void {
    const cuts = new Set(pairs.map(([from, to]) => `${from.name}>${to.name}`));
    this.history.note(`cut ${[...cuts].join(', ')}`);
    // It takes a moment to do: until then, connected are those that were before and will be.
    this.#cuts = new Set([...this.#cuts, ...cuts]);
    this.#survey();
    for (const member of this.members) {
      const deaf = pairs.filter(([, to]) => to === member).map(([from]) => from.place.address);
      this.#network.filter(
        member.place,
        deaf.map((address) => `ip saddr ${address} drop`),
      );
    }
    this.#cuts = cuts;
    this.#survey();
  }

  /** A part of all packets that arrive at daemons is lost, from every sender but the watcher. */
  lose(percent: number): void {
    this.history.note(`loss of ${percent} %`);
    const drop = `ip saddr != ${this.#watcherAddress} iif != lo numgen random mod 100 < ${percent} drop`;
    for (const { place } of this.members) this.#network.filter(place, [drop]);
    this.#survey();
  }

  heal(): void {
    this.cut([]);
    this.#clients.send({ sides: null });
    this.history.note('healed');
  }

  /** What peers send to the fifth daemon, and its answers, take so much longer. */
  delayFifth(ms: number): void {
    this.history.note(`delay of ${ms} ms each way to d5`);
    this.#relay.send(ms);
    this.#survey();
  }

  /** After a fault that went wrong: ends whatever it was, so that the next one finds a whole cluster. */
  async recover(): Promise<void> {
    this.heal();
    this.#relay.send(0);
    for (const member of this.members) {
      if (member.paused) member.resume();
      if (!member.up) await this.restart(member, 'SIGKILL', { awayMs: 0 });
    }
    this.#survey();
  }

  /** Seconds by which a daemon's wall clock is off from now on. Only `d3` and `d4` have such clocks. */
  setClock(name: 'd3' | 'd4', seconds: number): void {
    this.history.note(`wall clock of ${name} off by ${seconds} s`);
    setOffset(this.#clockOf(name), seconds);
  }

  /** Time for faults to work. */
  async wait(ms: number): Promise<void> {
    const end = now() + ms;
    await eventually(() => now() >= end, { withinMs: ms + 5000 });
  }

  /** Once all daemons say what is true. Answers when that was; throws where it takes longer than it may. */
  async settled(withinMs = 12_000): Promise<number> {
    const same = (): boolean => difference(this.history, this.stories) === undefined;
    try {
      await eventually(same, { withinMs });
    } catch {
      const violation = difference(this.history, this.stories);
      throw new Error(violation && describeFailure([{ ...violation, at: now() }], this));
    }
    await this.#heard();
    return now();
  }

  /** Measures how long registrations that differed between daemons did so after a fault's end. */
  measureConvergence(what: string, from: number): number[] {
    const times = convergences(this.history, this.stories, from);
    this.measures.add(what, ...times);
    return times;
  }

  /** Throws, with the story of it, if anything was broken since. */
  async judge(from: number): Promise<void> {
    await this.#heard();
    const violations = violationsIn(this.history, this.stories, from, now());
    for (const story of this.stories) story.contradictions.length = 0;
    await this.#compareWithAnswers();
    if (violations.length > 0) throw new Error(describeFailure(violations, this));
  }

  /** Until all that services and watchers have said by now has been read. */
  async #heard(): Promise<void> {
    await Promise.all([this.#clients.answer(), this.#watcher.answer()]);
  }

  /** Whether the events add up to what each daemon answers when asked. */
  async #compareWithAnswers(): Promise<void> {
    for (const [index, member] of this.members.entries()) {
      if (!member.up) continue;
      await eventually(
        async () => {
          const { ids } = await this.#watcher.answer<{ ids: string[] }>({ ask: member.url });
          const told = [...this.stories[index]!.picture.keys()].sort();
          if (ids.sort().join() !== told.join())
            throw new Error(`${member.name}'s events add up to something else than its view`);
          return true;
        },
        { withinMs: 1000 },
      );
    }
  }

  /** What services and watchers wrote to stderr. */
  get complaints(): string[] {
    return [this.#clients, this.#watcher, this.#relay].flatMap(({ errors }) => errors.slice(-10));
  }

  pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.random() * from.length)]!;
  }

  /** All daemons in an order of chance. */
  shuffled(): Member[] {
    return this.members
      .map((member) => ({ member, key: this.random() }))
      .sort((a, b) => a.key - b.key)
      .map(({ member }) => member);
  }

  #alive(): string[] {
    return [...this.history.services.values()].filter(({ alive }) => alive).map(({ id }) => id);
  }

  #clockOf = (name: string): string => join(this.#folder, `clock-of-${name}`);

  #incident(member: Member, what: string): void {
    this.history.note(`${member.name}: ${what}`);
    this.history.connections.incident(member.name, now());
  }

  #survey(): void {
    const up = this.members.filter((member) => member.up).map(({ name }) => name);
    this.history.connections.survey(now(), up, this.#cuts);
  }
}
