/** In a file of its own, for programs that run without Node. */

/** `host:port` as one writes it in a URL: IPv6 addresses in brackets. */
export const hostPort = ({ host, port }: { host: string; port: number }): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
