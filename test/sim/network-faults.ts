/** Faults of the network. Each lasts until the stage is repaired. */

import type { Stage } from './stage.js';

/**
 * What happens to the network among these places, in this order. Returns what to call it; undefined if it cannot
 * happen.
 */
export type NetworkFault = (
  stage: Stage,
  places: readonly string[],
  /** ms. */
  lasts: number,
) => string | Promise<string>;

/** Two sides of these, neither empty. */
function sides(stage: Stage, places: readonly string[]): [string[], string[]] {
  const size = 1 + stage.below(places.length - 1);
  return [places.slice(0, size), places.slice(size)];
}

/** Two sides that only one daemon can reach. */
function bridge(stage: Stage, [only, ...others]: readonly string[]): string {
  const [one, other] = sides(stage, others);
  stage.world.partition(one, other);
  return `only ${only} between ${one.join()} | ${other.join()}`;
}

export const networkFaults = {
  partition(stage, places) {
    const [one, other] = sides(stage, places);
    stage.world.partition(one, other);
    return `partition ${one.join()} | ${other.join()}`;
  },

  'one-way'(stage, places) {
    const [from, ...to] = places.slice(0, 2 + stage.below(2)) as [string, ...string[]];
    for (const each of to) stage.world.cut.add(`${from}>${each}`);
    return `nothing from ${from} to ${to.join()}`;
  },

  bridge,

  async 'long-bridge'(stage, places) {
    const what = bridge(stage, places);
    stage.truth.survey();
    await stage.world.advance(10_000);
    return `${what}, for 10 s already`;
  },

  link(stage, [one, other]) {
    stage.world.partition([one!], [other!]);
    return `no link ${one} | ${other}`;
  },

  loss(stage) {
    stage.world.network.loss = 0.05 + 0.15 * stage.world.random();
    return `loss of ${(100 * stage.world.network.loss).toFixed(0)} %`;
  },

  delay(stage) {
    const most = 20 + stage.below(120);
    stage.world.network.delay = [0.2, most];
    return `delays of up to ${most} ms`;
  },

  late(stage) {
    const part = 0.02 + 0.1 * stage.world.random();
    stage.world.late = { part, most: 1000 + stage.below(6000) };
    return `${(100 * part).toFixed(0)} % late by up to ${stage.world.late.most} ms`;
  },

  /** A daemon joins one side of a split, or between both. */
  async join(stage, places, lasts) {
    const [one, other] = sides(stage, places);
    const place = `j${stage.below(1e6)}`;
    stage.world.partition(one, other);
    stage.truth.survey();
    await stage.world.advance(stage.below(lasts));
    if (stage.chance(0.5)) stage.world.partition(one, [place]);
    await stage.boot(place);
    return `${place} joins, with ${one.join()} | ${other.join()}`;
  },
} satisfies Record<string, NetworkFault>;
