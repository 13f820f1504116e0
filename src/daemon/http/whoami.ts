/** The route that tells a caller which token the daemon sees, and what it allows. */

import type { WhoAmI } from '../../model/whoami.js';
import type { Caller } from './auth/caller.js';
import { route, type Route } from './route.js';

/** @param hasTokens  whether callers need one */
export const whoAmIRoutes = (hasTokens: boolean): Route[] => [
  route('GET', '/whoami', {}, ({ caller }) => ({ status: 200, body: describe(caller, hasTokens) })),
];

/** Without a token it may read, or it would not have been let in. */
function describe(caller: Caller | undefined, hasTokens: boolean): WhoAmI {
  if (!caller) return { role: hasTokens ? 'read' : 'admin', tokens: hasTokens };
  const { role, name, id, apps } = caller;
  return { role, name, id, ...(apps && { apps }), tokens: hasTokens };
}
