/** The periods of the exchange with peers, in ms, each named once. */

/**
 * From one heartbeat to the next: a daemon is heard several times before it counts as lost. It is also the time that a
 * request takes at most while nothing is known of the peer.
 */
export const heartbeatEveryMs = (peerTimeoutMs: number): number => peerTimeoutMs / 5;

/**
 * A link rests after a push for at most that long. If more was written while it was under way, it rests for twice as
 * long as the push took: what is written until then leaves together, since an exchange takes two daemons as long as
 * some ten registrations. If nothing was, the next thing leaves at once.
 */
export const maxPacingMs = 10;

/** A start waits for peers that are not there, before it goes on without. */
export const joinPatienceMs = 500;

/** A start may take that long without anything new from a peer that answers. */
export const joinLimitMs = 30_000;

/** Peers are asked for that long about an id that is not known here. */
export const askForMs = 100;

/** A delete or a drain waits that long for everyone to have heard of it. */
export const commandForMs = 200;

/** A daemon that leaves waits that long for a peer to take what it has. */
export const leaveForMs = 5000;

/** The old epoch of the holdings is written beside the new one for that long, waiting for peers to have that. */
export const epochForMs = 20_000;

/** After a suspension whatever is read is taken for old, for that long. */
export const deafForMs = 50;

/** A link to a caller that is no member is kept for that long after its last call. */
export const callerKeptMs = 10_000;
