/** What this daemon is at present. It is replaced as one value, so that no part sees a mix of two incarnations. */

import type { Owner } from '../../crdt/holdings.js';
import type { RunId } from '../../crdt/ids.js';
import { type Identity, runIdOf, type Signatures } from './identity.js';
import type { Holder } from './lease/holder.js';
import type { Incarnation } from './membership/membership.js';
import type { DaemonSettings, Runtime } from './runtime.js';

/** From the start of a daemon to its end. It takes no requests while it joins. */
export type Phase = 'joining' | 'running' | 'leaving' | 'stopped';

export interface Self {
  readonly runId: RunId;
  readonly identity: Identity;
  /** Undefined until it has published: a daemon that joins holds nothing and is no member yet. */
  readonly published: Published | undefined;
}

/** Its own incarnation, and its holder. */
export interface Published {
  readonly incarnation: Incarnation;
  readonly holder: Holder;
}

/** A new self, with a new key and run id: at the start, and after a suspension. */
export function newSelf(signatures: Pick<Signatures, 'newIdentity'>): Self {
  const identity = signatures.newIdentity();
  return { runId: runIdOf(identity.key), identity, published: undefined };
}

/** What an incarnation says of itself in its holdings. */
export const ownerOf = (
  { names, wallNow }: Pick<Runtime, 'names' | 'wallNow'>,
  { name, url, apiUrl, version }: DaemonSettings,
  { runId, generation }: Pick<Owner, 'runId' | 'generation'>,
): Owner => ({
  ...{ name, generation, runId, url, version, started: wallNow() },
  ...(apiUrl !== undefined && { api: apiUrl }),
  ...(names && { claim: names.claim(name, runId) }),
});
