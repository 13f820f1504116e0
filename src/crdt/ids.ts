/**
 * Ids that are strings at run time, and types of their own for the compiler, so that none is taken for another. Each is
 * made in few places: where it is derived or drawn, and where what a peer has sent is checked.
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
