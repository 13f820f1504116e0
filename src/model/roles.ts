/** What a token allows. */

export const roles = ['read', 'write', 'deploy', 'admin', 'peer'] as const;

/**
 * `read` looks up and watches. `write` registers, renews, drains and deregisters instances, `deploy` changes backends
 * and frontends and drains, each of the apps that its token names; both read as well. `admin` may do everything. `peer`
 * is for daemons, and opens `/peer` alone.
 */
export type Role = (typeof roles)[number];

/** Roles that are for some apps only, if their token names any. */
export const rolesWithApps: readonly Role[] = ['write', 'deploy'];

/** What a route needs: a role, `drain` (which `write` and `deploy` may), or nothing. */
export type Need = Role | 'drain' | 'nothing';

/** The roles that meet a need. */
export const rolesFor: Readonly<Record<Exclude<Need, 'nothing'>, readonly Role[]>> = {
  read: ['read', 'write', 'deploy', 'admin'],
  write: ['write', 'admin'],
  drain: ['write', 'deploy', 'admin'],
  deploy: ['deploy', 'admin'],
  admin: ['admin'],
  peer: ['peer', 'admin'],
};
