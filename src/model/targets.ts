/** Which registrations belong to a backend: in a file of its own, since semver takes 5 ms to load. */

import type { Target } from './catalog.js';
import { versionMatcher, type VersionMatcher } from './version.js';

/** Returns a function that tells whether a registration belongs to `target`. */
export function targetMatcher(target: Target): (candidate: { app: string; version: string }) => boolean {
  const { app, split } = target;
  const matches = split === undefined ? versionMatcher(target.version) : versionIn(split);
  return (candidate) => candidate.app === app && matches(candidate.version);
}

const versionIn =
  (split: object): VersionMatcher =>
  (version) =>
    Object.hasOwn(split, version);
