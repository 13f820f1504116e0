/** Backends and frontends: the catalog that deployments change. */

import { limits } from './limits.js';

/** Exact versions, each with its share of the requests, relative to that of the others. */
export type Split = Readonly<Record<string, number>>;

/** An exact version or a semver range such as `^1.2.0`; or several exact ones with weights. Never both. */
export type Versions = { version: string; split?: never } | { split: Split; version?: never };

/** The target of a backend. Changing it is a deployment. */
export type Target = { app: string } & Versions;

/** How requests from outside find their way, for proxies: everything that bender knows only because it was told. */
export interface Routing {
  /** The names under which callers ask. Default: the name of the frontend. */
  hosts?: readonly string[];
  /** The beginning of the paths: `/shop`. Default: all paths. */
  pathPrefix?: string;
  /** What the instances speak. Default: `http`. */
  scheme?: 'http' | 'https' | 'h2c';
  /** Names in the configuration of the proxy. Default: its own default. */
  entryPoints?: readonly string[];
  /** Names in the configuration of the proxy, in the order in which they act. */
  middlewares?: readonly string[];
}

/** Routing facts are one value: what replaces them replaces them as a whole. */
interface Routed {
  routing?: Routing;
}

/** Slow start, for callers that look at weights. */
interface Warmed {
  /** How long an instance takes from its online to its whole weight (warm-up.ts). Default: it has it at once. */
  warmupMs?: number;
}

/** A target, and what else the weights of its instances depend on. */
export type WeightedTarget = Target & Warmed;

/** The set of registrations of one app version, or of several with weights. */
export type Backend = { resource: 'Backend'; name: string } & WeightedTarget & Routed;

/** The name that callers use. It serves one backend, or none yet. */
export interface Frontend extends Routed {
  resource: 'Frontend';
  name: string;
  backend?: string;
}

export type BackendFields = { name: string } & WeightedTarget & Routed;
export type FrontendFields = Omit<Frontend, 'resource'>;

/** A change of a backend. A version replaces a split, and the other way round. */
export interface BackendChange {
  name?: string;
  app?: string;
  version?: string;
  split?: Split;
  /** Null removes it. */
  routing?: Routing | null;
  /** Null or 0 removes it. */
  warmupMs?: number | null;
}
export type FrontendChange = Partial<Omit<FrontendFields, 'routing'>> & Pick<BackendChange, 'routing'>;

/** The rule for weights beside their range. Daemons also check it for writes of other daemons. */
export function isSplit(weights: Split): boolean {
  const given = Object.values(weights);
  return given.length <= limits.splitVersions && given.some((weight) => weight > 0);
}

/** Whether it is the duration of a warm-up. */
export const isWarmup = (ms: unknown): ms is number =>
  Number.isInteger(ms) && (ms as number) >= limits.warmup.min && (ms as number) <= limits.warmup.max;

/** Returns `target` with `change`. Equal splits are written equally, whatever the order of their versions. */
export function retarget(target: Target, { app = target.app, version, split }: BackendChange): Target {
  if (version !== undefined) return { app, version };
  const kept = split ?? target.split;
  if (kept === undefined) return { app, version: target.version! };
  return { app, split: Object.fromEntries(Object.entries(kept).sort(([a], [b]) => (a < b ? -1 : 1))) };
}

/** The routing facts after a change: those before, unless it names others; null removes them. */
export function reroute({ routing: before }: Routed, { routing = before }: Pick<BackendChange, 'routing'>): Routed {
  return routing ? { routing } : {};
}

/** The warm-up after a change, likewise. */
export const rewarm = ({ warmupMs: before }: Warmed, { warmupMs = before }: Pick<BackendChange, 'warmupMs'>): Warmed =>
  warmupMs ? { warmupMs } : {};

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
