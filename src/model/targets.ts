/** Which registrations a backend stands for: in a file of its own, since semver takes 5 ms to load. */

import type { Target } from './catalog.js';
import type { Registration } from './registration.js';
import { matchesVersion } from './version.js';
import { weigh, type Weighted } from './weights.js';

/** Whether a registration is one of those that `target` stands for. */
export function isTargeted(target: Target, { app, version }: { app: string; version: string }): boolean {
  if (app !== target.app) return false;
  return target.split === undefined
    ? matchesVersion(target.version, version)
    : Object.hasOwn(target.split, version);
}

/** Those of `registrations` that `target` stands for, in their order, with their weights. */
export const resolveTarget = (target: Target, registrations: readonly Registration[]): Weighted[] =>
  weigh(
    target,
    registrations.filter((registration) => isTargeted(target, registration)),
  );
