/** URLs at which daemons are reached. */

/**
 * Whether `text` is the URL of a daemon: `http` or `https`, a host, perhaps a port, and nothing else, so that no path, query or
 * password of somebody else's choice is ever called.
 *
 *     isBaseUrl('http://10.0.0.1:1729') // true
 */
export function isBaseUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, origin, host, href } = new URL(text);
  return (
    (protocol === 'http:' || protocol === 'https:') &&
    host !== '' &&
    href === `${origin}/` &&
    !text.endsWith('/')
  );
}
