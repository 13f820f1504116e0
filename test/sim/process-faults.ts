/** Faults of processes and their machines. Each is over, but for its consequences, when its promise settles. */

import type { Host } from '../helpers/world.js';
import { Liar } from './liar.js';
import type { Stage } from './stage.js';
import { bearable } from './truth.js';

export type ProcessFault = (stage: Stage, host: Host, lasts: number) => Promise<void>;

/** Its process ends; after a while another one starts, there or elsewhere, under that name or another. */
async function restart(stage: Stage, host: Host, how: string, place = host.name, name?: string): Promise<void> {
  const away = 50 + stage.below(6000);
  stage.note(`restart of ${host.name}${how}, away for ${away} ms`);
  if (place === host.name) stage.end(host);
  else stage.abandon(host);
  await stage.world.advance(away);
  await stage.boot(place, name);
}

/** Pauses of this one, one after the other: [ms away, ms there]. */
async function pauses(stage: Stage, host: Host, times: readonly (readonly [number, number])[]): Promise<void> {
  for (const [away, there] of times) {
    if (!host.daemon) return;
    stage.pause(host);
    await stage.world.advance(away);
    stage.goOn(host);
    await stage.world.advance(there);
  }
}

export const processFaults = {
  async crash(stage, host) {
    stage.note(`crash of ${host.name}`);
    stage.end(host);
  },

  restart: (stage, host) => restart(stage, host, ''),

  async rename(stage, host) {
    const name = `n${stage.below(1e6)}`;
    await restart(stage, host, ` as ${name}`, host.name, name);
  },

  async move(stage, host) {
    const place = `m${stage.below(1e6)}`;
    await restart(stage, host, ` at ${place}`, place, stage.nameOf(host));
  },

  async stop(stage, host) {
    if (host.daemon?.phase !== 'running') return;
    stage.note(`stop of ${host.name}`);
    stage.truth.incident(host.name);
    await stage.world.complete(host.daemon.stop());
    stage.end(host);
    await stage.world.advance(100 + stage.below(4000));
    await stage.boot(host.name);
  },

  async pause(stage, host, lasts) {
    stage.note(`pause of ${host.name} for ${lasts} ms`);
    await pauses(stage, host, [[lasts, 0]]);
  },

  /** Again before it has joined. */
  async 'double-pause'(stage, host, lasts) {
    const there = 40 + stage.below(80);
    const again = 300 + stage.below(12_000);
    stage.note(`pause of ${host.name} for ${lasts} ms, there for ${there}, pause for ${again}`);
    await pauses(stage, host, [
      [lasts, there],
      [again, 0],
    ]);
  },

  async flip(stage, host) {
    const [away, there] = [300 + stage.below(2500), 50 + stage.below(1500)] as const;
    const times = 3 + stage.below(8);
    stage.note(`${host.name} flips ${times} times: away for ${away} ms, there for ${there}`);
    await pauses(
      stage,
      host,
      Array.from({ length: times }, () => [away, there] as const),
    );
  },

  /** Two at once, where three others go on. */
  async pause2(stage, _, lasts) {
    const two = stage.shuffled(stage.running).slice(0, 2);
    if (stage.running.length < 5) return;
    stage.note(`pause of ${two.map(({ name }) => name).join()} for ${lasts} ms`);
    for (const host of two) {
      stage.pause(host);
      await stage.world.advance(stage.below(300));
    }
    await stage.world.advance(lasts);
    for (const host of two) {
      stage.goOn(host);
      await stage.world.advance(stage.below(300));
    }
  },

  /** The machine sleeps, and its clocks with it. */
  async suspend(stage, host, lasts) {
    stage.note(`suspension of ${host.name} for ${lasts} ms`);
    stage.suspend(host);
    await stage.world.advance(lasts);
    stage.goOn(host);
  },

  async busy(stage, host) {
    const turn = 100 + stage.below(stage.chance(0.5) ? bearable - 100 : 9900);
    stage.note(`${host.name} is busy for ${turn} ms`);
    stage.block(host, turn);
    await stage.world.advance(turn);
    if (host.busy) stage.goOn(host);
  },

  /** Short pauses everywhere, as on machines that have too much to do. */
  async stall(stage, _, lasts) {
    stage.note(`stalls for ${lasts} ms`);
    const { world } = stage;
    for (const until = world.time + lasts; world.time < until;) {
      const host = stage.pick(stage.running);
      if (host) {
        const { process } = host;
        stage.pause(host);
        world.after(100 + stage.below(1700), () => host.process === process && stage.goOn(host));
      }
      await world.advance(200 + stage.below(2000));
    }
    for (const host of stage.places) if (host.paused) stage.goOn(host);
  },

  async storm(stage) {
    stage.note('all restart within a second');
    const boots: Promise<void>[] = [];
    for (const host of stage.shuffled(stage.running)) {
      stage.end(host);
      await stage.world.advance(stage.below(200));
      boots.push(stage.boot(host.name));
    }
    await stage.world.complete(Promise.all(boots));
  },

  /** A program reaches the ports of all and lies. Its silence is found before the run goes on. */
  async liar(stage, _, lasts) {
    stage.note(`a liar for ${lasts} ms`);
    const liar = new Liar(stage.world, stage.places, stage.below(2 ** 31));
    stage.checker.liars.add(liar.runId);
    await liar.run(lasts);
    await stage.world.advance(3000);
  },

  async 'wall-clock'(stage, host) {
    host.wallOffset += (stage.world.random() - 0.5) * 7_200_000;
    stage.note(`wall clock of ${host.name} jumps`);
  },
} satisfies Record<string, ProcessFault>;
