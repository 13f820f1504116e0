import { daemonHeader } from '../../model/daemon.js';

/**
 * What every answer carries. It tells clients that a daemon has answered, and browsers to take it for what it says it
 * is, show it in no frame, and hand it to no other site.
 */
export const safetyHeaders = {
  [daemonHeader]: '1',
  'x-content-type-options': 'nosniff',
  'content-security-policy': "frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
} as const;
