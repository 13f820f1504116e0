/** Which registrations a backend stands for: in a file of its own, since semver takes 5 ms to load. */

import type { Target } from './catalog.js';
import type { Registration } from './registration.js';
import { versionMatcher, type VersionMatcher } from './version.js';
import { weigh, type Weighted } from './weights.js';

/** Tells whether a registration is one of those that `target` stands for. */
export function targetMatcher(target: Target): (candidate: { app: string; version: string }) => boolean {
  const { app, split } = target;
  const matches = split === undefined ? versionMatcher(target.version) : versionIn(split);
  return (candidate) => candidate.app === app && matches(candidate.version);
}

const versionIn =
  (split: object): VersionMatcher =>
  (version) =>
    Object.hasOwn(split, version);

/** Those of `registrations` that `target` stands for, in their order, with their weights. */
export const resolveTarget = (target: Target, registrations: readonly Registration[]): Weighted[] =>
  weigh(target, registrations.filter(targetMatcher(target)));
