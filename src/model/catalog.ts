/** Backends and frontends: the catalog that deployments change. */

import { limits } from './limits.js';

/** Exact versions, each with its share of the requests, relative to that of the others. */
export type Split = Readonly<Record<string, number>>;

/** An exact version or a semver range such as `^1.2.0`; or several exact ones with weights. Never both. */
export type Versions = { version: string; split?: never } | { split: Split; version?: never };

/** The target of a backend. Changing it is a deployment. */
export type Target = { app: string } & Versions;

/** The set of registrations of one app version, or of several with weights. */
export type Backend = { resource: 'Backend'; name: string } & Target;

/** The name that callers use. It serves one backend, or none yet. */
export interface Frontend {
  resource: 'Frontend';
  name: string;
  backend?: string;
}

export type BackendFields = { name: string } & Target;
export type FrontendFields = Omit<Frontend, 'resource'>;

/** A change of a backend. A version replaces a split, and the other way round. */
export interface BackendChange {
  name?: string;
  app?: string;
  version?: string;
  split?: Split;
}
export type FrontendChange = Partial<FrontendFields>;

/** The rule for weights beside their range. Daemons also check it for writes of other daemons. */
export function isSplit(weights: Split): boolean {
  const given = Object.values(weights);
  return given.length <= limits.splitVersions && given.some((weight) => weight > 0);
}

/** Returns `target` with `change`. Equal splits are written equally, whatever the order of their versions. */
export function retarget(target: Target, { app = target.app, version, split }: BackendChange): Target {
  if (version !== undefined) return { app, version };
  const kept = split ?? target.split;
  if (kept === undefined) return { app, version: target.version! };
  return { app, split: Object.fromEntries(Object.entries(kept).sort(([a], [b]) => (a < b ? -1 : 1))) };
}

/** The versions of a target: one, which may be a range, or several exact ones. */
export const versionsOf = ({ version, split }: Versions): string[] =>
  split === undefined ? [version] : Object.keys(split);

/** `1.2.0`, or `1.2.0=90,1.3.0=10`. */
export const formatVersions = ({ version, split }: Versions): string =>
  split === undefined
    ? version
    : Object.entries(split)
        .map(([exact, weight]) => `${exact}=${weight}`)
        .join(',');

/** `web@1.2.0`, or `web@1.2.0=90,1.3.0=10`. */
export const formatTarget = (target: Target): string => `${target.app}@${formatVersions(target)}`;
