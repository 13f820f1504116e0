/** What a daemon knows of a caller, and what the caller may do there. */

import { matchesApp } from './app-pattern.js';
import { type Need, type Role, rolesFor } from './roles.js';

/** The answer of `GET /whoami`. */
export interface WhoAmI {
  role: Role;
  /** Of its token; absent if the request had none. */
  name?: string;
  id?: string;
  /** The patterns of the apps that its token is for; absent if it is for all. */
  apps?: readonly string[];
  /** Whether the daemon has tokens. Without any, every caller may do everything. */
  tokens: boolean;
}

/**
 * Why such a caller may not do this; undefined if it may.
 *
 * @param app  undefined: what belongs to no app
 */
export function refusalOf(
  { role, name, apps }: WhoAmI,
  need: Exclude<Need, 'nothing'>,
  app: string | undefined,
): string | undefined {
  const needed = need === 'drain' ? "'write' or 'deploy'" : `'${need}'`;
  if (!rolesFor[need].includes(role))
    return name === undefined
      ? `This needs a token with the role ${needed}.`
      : `This needs the role ${needed}: the token '${name}' has the role '${role}'.`;
  if (apps === undefined || (app !== undefined && apps.some((pattern) => matchesApp(pattern, app)))) return undefined;
  return `The token '${name}' is for the apps ${apps.join(', ')}, not for ${app === undefined ? 'what belongs to no app' : `the app '${app}'`}.`;
}
