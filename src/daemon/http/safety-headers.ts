import { daemonHeader } from '../../model/daemon.js';

/** The header of every answer, by which clients recognize a daemon. */
export const ownHeaders = { [daemonHeader]: '1' } as const;

/**
 * What every answer with content carries: browsers are to take it for what it says it is, show it in no frame, and hand
 * it to no other site. An answer without content (204, 304) has nothing that they could apply to; a browser keeps the
 * headers of what it has stored.
 */
export const safetyHeaders = {
  ...ownHeaders,
  'x-content-type-options': 'nosniff',
  'content-security-policy': "frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
} as const;
