/** What this daemon is at present. It is replaced as one value, so that nobody sees parts of two incarnations. */

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
  /** Undefined until it has published: a daemon that joins holds nothing and is nobody's member. */
  readonly published: Published | undefined;
}

/** Its place among the others, and what it holds. */
export interface Published {
  readonly incarnation: Incarnation;
  readonly holder: Holder;
}

/** A daemon that begins, or goes on after a suspension, with a key and a run id of its own. */
export function newSelf(signatures: Pick<Signatures, 'newIdentity'>): Self {
  const identity = signatures.newIdentity();
  return { runId: runIdOf(identity.key), identity, published: undefined };
}

/** What an incarnation says of itself in its holdings. */
export const ownerOf = (
  { names, wallNow }: Pick<Runtime, 'names' | 'wallNow'>,
  { name, url, version }: DaemonSettings,
  { runId, generation }: Pick<Owner, 'runId' | 'generation'>,
): Owner => ({
  ...{ name, generation, runId, url, version, started: wallNow() },
  ...(names && { claim: names.claim(name, runId) }),
});
