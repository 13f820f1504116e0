/** The periods of the exchange with peers, in ms, each named once. */

/**
 * From one heartbeat to the next: several must be missed before a daemon counts as lost. It is also the timeout of a
 * request while nothing is known of the peer.
 */
export const heartbeatEveryMs = (peerTimeoutMs: number): number => peerTimeoutMs / 5;

/**
 * The longest rest of a link after a push. If more was written during the push, the link rests for twice as long as the
 * push took: what is written until then is sent together, since an exchange costs two daemons as much as some ten
 * registrations. If nothing was written, the link does not rest.
 */
export const maxPacingMs = 10;

/** How long a start waits for peers that cannot be reached, before it goes on without them. */
export const joinPatienceMs = 500;

/** How long a start waits without anything new from a peer that answers. */
export const joinLimitMs = 30_000;

/** How long an inquiry about an unknown id waits for the peers. */
export const askForMs = 100;

/** How long a client that asks for leases waits for their holders. */
export const leasesForMs = 300;

/** How long a delete or a drain waits until every peer has heard of it. */
export const commandForMs = 200;

/** How long a daemon that leaves waits until a peer has what it has. */
export const leaveForMs = 5000;

/** How long the old epoch of the holdings is written beside the new one, until the peers have that. */
export const epochForMs = 20_000;

/** How long after a suspension everything that is read counts as old. */
export const deafForMs = 50;

/** How long a link to a caller that is no member is kept after its last call. */
export const callerKeptMs = 10_000;
