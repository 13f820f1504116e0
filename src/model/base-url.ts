/** URLs at which daemons are reached. */

/**
 * Whether `text` is the URL of a daemon: `http` or `https`, a host, perhaps a port, and nothing else, so that no path,
 * query or password of somebody else's choice is ever called.
 *
 *     isBaseUrl('http://10.0.0.1:1729') // true
 */
export function isBaseUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, origin, hostname } = new URL(text);
  const port = defaultPorts[protocol];
  // One spelling for each, since links are told apart by it; the usual port may be named.
  return port !== undefined && (text === origin || text === `${protocol}//${hostname}:${port}`);
}

const defaultPorts: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' };
