/** URLs at which daemons are reached. */

/**
 * Whether `text` is the URL of a daemon: `http` or `https`, a host, perhaps a port, and nothing else, so that a peer
 * cannot make this daemon call a path, query or password of its choice.
 *
 *     isBaseUrl('http://10.0.0.1:1729') // true
 */
export function isBaseUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, origin, hostname } = new URL(text);
  const port = defaultPorts[protocol];
  // Each has one spelling, since links are keyed by it; the default port may be given.
  return port !== undefined && (text === origin || text === `${protocol}//${hostname}:${port}`);
}

const defaultPorts: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' };
