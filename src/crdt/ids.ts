/**
 * Ids are strings at run time, and types of their own for the compiler, so that none is mistaken for another. Each is
 * made in few places: where it is derived or drawn, and where a peer's message is checked.
 */

/** Names an incarnation of a daemon: derived from its key (src/daemon/core/identity.ts). */
export type RunId = string & { readonly __brand: 'RunId' };

/** Names one life of a registration: random, new each time its key comes online by a registration. */
export type LifeId = string & { readonly __brand: 'LifeId' };

/**
 * Names a document: the catalog, or the holdings of one incarnation in one epoch. A peer may send any text in its
 * place.
 */
export type DocumentName = string & { readonly __brand: 'DocumentName' };

/**
 * The name of a daemon, and the base URL that it advertises. A plain string may stand for either; another id may not,
 * and neither for the other.
 */
export type DaemonName = string & { readonly __brand?: 'DaemonName' };
export type DaemonUrl = string & { readonly __brand?: 'DaemonUrl' };

/** Where a peer is called: a base URL, or one of several addresses behind it (see peer-address.ts). */
export type CallTarget = string & { readonly __brand?: 'DaemonUrl' | 'CallTarget' };
