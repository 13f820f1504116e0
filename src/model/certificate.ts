/** What a certificate says of its owner, as Node has read it. */

import type { X509Certificate } from 'node:crypto';

/** May be shown by servers (RFC 5280, 4.2.1.12). */
const serverAuth = '1.3.6.1.5.5.7.3.1';

/** The name of its owner: its CN; undefined if it does not have exactly one. */
export function nameIn({ subject }: X509Certificate): string | undefined {
  // Node writes each part of the subject in a line of its own, and escapes line breaks in it.
  const names = (subject ?? '').split('\n').filter((part) => part.startsWith('CN='));
  return names.length === 1 ? names[0]!.slice(3) : undefined;
}

/** Whether it may be a daemon's: a caller's certificate is for clients alone. */
export function isForServers({ keyUsage }: X509Certificate): boolean {
  // Types say that it is there, but it is undefined without the extension. Then it is for every purpose.
  return (keyUsage as string[] | undefined)?.includes(serverAuth) ?? true;
}
