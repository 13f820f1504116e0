/** What templates read; documented in docs/templates.md, and a promise like the HTTP API. */

import type { Backend, Frontend } from '../../model/catalog.js';
import type { DaemonIdentity } from '../../model/events.js';
import type { Registration } from '../../model/registration.js';
import { hostPort } from '../../model/registration.js';
import type { Weighted } from '../../model/weights.js';
import type { Known } from './known.js';
import { by } from './known.js';

/** A registration as templates see it. */
export type Server<T extends Registration = Registration> = T & {
  /** `host:port`, IPv6 in brackets. */
  address: string;
};

/** An instance of a backend as templates see it. */
export type PoolServer = Server<Weighted> & {
  /** With `--near`: callers are sent to it only if none of the others can be reached. */
  backup: boolean;
};

export interface TemplateData {
  frontends: (Frontend & { registrations: PoolServer[] })[];
  backends: (Backend & { registrations: PoolServer[] })[];
  registrations: Server[];
  apps: { name: string; registrations: Server[]; versions: AppVersion[] }[];
  daemons: DaemonIdentity[];
}

export interface AppVersion {
  version: string;
  registrations: Server[];
}

export function templateData({ frontends, backends, registrations, daemons }: Known): TemplateData {
  const pools = backends.map((pool) => ({
    ...pool,
    registrations: pool.registrations.map((one) => ({ backup: false, ...withAddress(one) })),
  }));
  const servers = registrations.map(withAddress);
  return {
    frontends: frontends.map((frontend) => ({
      ...frontend,
      registrations: pools.find(({ name }) => name === frontend.backend)?.registrations ?? [],
    })),
    backends: pools,
    registrations: servers,
    apps: grouped(servers, ({ app }) => app).map(([name, ofApp]) => ({
      name,
      registrations: ofApp,
      versions: grouped(ofApp, ({ version }) => version).map(([version, ofVersion]) => ({
        version,
        registrations: ofVersion,
      })),
    })),
    daemons,
  };
}

const withAddress = <T extends Registration>(registration: T): Server<T> => ({
  ...registration,
  address: hostPort(registration),
});

/** The groups in the order of their keys. */
function grouped<T>(things: T[], key: (thing: T) => string): [string, T[]][] {
  const groups = new Map<string, T[]>();
  for (const thing of things) groups.set(key(thing), [...(groups.get(key(thing)) ?? []), thing]);
  return [...groups].sort(by(([name]) => name));
}
