/** Rules of routers: https://doc.traefik.io/traefik/routing/routers/#rule, as versions 2 and 3 both read them. */

import { domainToASCII } from 'node:url';
import type { Routing } from '../../../model/catalog.js';

/** `(Host(`a`) || Host(`b`)) && PathPrefix(`/shop`)` */
export function ruleOf({ hosts = [], pathPrefix }: Routing): string {
  const anyHost = hosts.map((host) => `Host(${quoted(host)})`).join(' || ');
  if (pathPrefix === undefined) return anyHost;
  return `${hosts.length > 1 ? `(${anyHost})` : anyHost} && PathPrefix(${quoted(pathPrefix)})`;
}

/** The host of a frontend that has no hosts: its name. Undefined if no request can ask for it. */
export function hostOf(name: string): string[] | undefined {
  // Traefik takes hosts in ASCII only.
  const host = /^[!-~]+$/.test(name) ? name.toLowerCase() : domainToASCII(name);
  return host === '' ? undefined : [host];
}

/** As a text of Go, in which rules are written. */
const quoted = (text: string): string => (text.includes('`') ? JSON.stringify(text) : `\`${text}\``);
