/** What is served by what: frontends, their backends, and the versions that these send callers to. */

import type { Backend, Frontend } from '../../model/catalog.js';
import { daemonApp } from '../../model/daemon.js';
import { targetMatcher } from '../../model/targets.js';
import { compareVersions } from '../../model/version.js';
import type { Board, Group } from './board.js';

/** One version in the row of a backend. */
export interface ServedVersion {
  version: string;
  /** Undefined while nothing of it is online. */
  group: Group | undefined;
  /** Whether the backend sends callers to it. */
  isLive: boolean;
  /** Its weight in the split of the backend, if it has one. */
  weight: number | undefined;
}

/** A backend with the frontends that serve it, and all versions of its app. */
export interface ServedBackend {
  backend: Backend;
  frontends: Frontend[];
  versions: ServedVersion[];
}

export interface Served {
  backends: ServedBackend[];
  /** Frontends that serve no backend, or one that does not exist. */
  idle: Frontend[];
  /** Versions of apps that no backend is about, except those of the daemons. */
  unserved: Group[];
}

export function served({ backends, frontends, groups }: Pick<Board, 'backends' | 'frontends' | 'groups'>): Served {
  const byApp = new Map<string, Group[]>();
  for (const group of groups.values()) byApp.set(group.app, [...(byApp.get(group.app) ?? []), group]);
  const all = byName(frontends.values());
  const rows = byName(backends.values()).map((backend) => ({
    backend,
    frontends: all.filter((frontend) => frontend.backend === backend.name),
    versions: versionsOf(backend, byApp.get(backend.app) ?? []),
  }));
  const apps = new Set(rows.map(({ backend }) => backend.app));
  return {
    // What callers reach comes first.
    backends: [...rows.filter((row) => row.frontends.length > 0), ...rows.filter((row) => row.frontends.length === 0)],
    idle: all.filter(({ backend }) => backend === undefined || !backends.has(backend)),
    unserved: [...groups.values()]
      .filter(({ app }) => !apps.has(app) && app !== daemonApp)
      .sort((a, b) => (a.app === b.app ? compareVersions(b.version, a.version) : a.app < b.app ? -1 : 1)),
  };
}

export const byName = <T extends { name: string }>(things: Iterable<T>): T[] =>
  [...things].sort((a, b) => (a.name < b.name ? -1 : 1));

/** Those that are live first, then the others, the latest first. */
function versionsOf(backend: Backend, groups: readonly Group[]): ServedVersion[] {
  const matches = targetMatcher(backend);
  const online = new Map(groups.map((group) => [group.version, group]));
  const wanted = backend.split
    ? Object.keys(backend.split)
    : [...online.keys()].filter((version) => matches({ app: backend.app, version }));
  // A version that is named and not online is shown all the same: its callers are sent to nothing.
  if (wanted.length === 0) wanted.push(backend.version!);
  const live = wanted.sort(latestFirst).map((version) => {
    const weight = backend.split?.[version];
    return { version, group: online.get(version), isLive: weight !== 0, weight };
  });
  const others = [...online.keys()]
    .filter((version) => !wanted.includes(version))
    .sort(latestFirst)
    .map((version) => ({ version, group: online.get(version), isLive: false, weight: undefined }));
  return [...live, ...others];
}

const latestFirst = (a: string, b: string): number => compareVersions(b, a);
