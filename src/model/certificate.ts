/** Reads the owner of a certificate, as parsed by Node. */

import type { X509Certificate } from 'node:crypto';

/** May be shown by servers (RFC 5280, 4.2.1.12). */
const serverAuth = '1.3.6.1.5.5.7.3.1';

/** The name of its owner: its CN; undefined if it does not have exactly one. */
export function nameIn({ subject }: X509Certificate): string | undefined {
  // Node writes each part of the subject in a line of its own, and escapes line breaks in it.
  const names = (subject ?? '').split('\n').filter((part) => part.startsWith('CN='));
  return names.length === 1 ? names[0]!.slice(3) : undefined;
}

/** Whether it may be a daemon's: the certificate of a client must not pass for one. */
export function isForServers({ keyUsage }: X509Certificate): boolean {
  // Undefined without the extension, although its type says otherwise. Then it is valid for every purpose.
  return (keyUsage as string[] | undefined)?.includes(serverAuth) ?? true;
}
