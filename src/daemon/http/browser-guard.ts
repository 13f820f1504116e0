/**
 * Keeps web pages from using a browser that can reach this daemon. Asked ahead of every route, and of upgrades.
 *
 * - A page of another site may send requests without asking first. Browsers say so in `Origin` or `Sec-Fetch-Site`:
 *   such a request may not change anything, open a stream or watch events (403).
 * - A page may have its own name point to this daemon's address (DNS rebinding), and is of the same site then. So the
 *   `Host` must be an address, `localhost`, or a name by which this daemon is called (421).
 *
 * Daemons probe what clients register, by GET. No probe may ask what is asked of Consul, since some of that is a write.
 *
 * Other programs send neither header, and the `Host` that they were told to connect to. Other daemons may call this one
 * by any name: no browser sends an upgrade to `/peer` without an `Origin`.
 */

import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { probeAgent } from '../../model/check.js';
import { BenderError, InvalidError } from '../../model/errors.js';
import { normalizeHost } from '../../model/host.js';
import { printable } from '../../model/printable.js';

/** The origin and the target of a request, by its headers. */
interface Addressed {
  host: string | undefined;
  hosts: number;
  origin: string | undefined;
  site: string | undefined;
  agent: string | undefined;
}

export class BrowserGuard {
  readonly #isName: (name: string) => boolean;
  /** `Host` headers that are right, so that they are not looked at again. */
  readonly #known = new Set<string>();

  /** @param names  names by which this daemon is called; `*.example.com` stands for all below, `*` for any */
  constructor(names: readonly string[]) {
    const exact = new Set(names.map(normalizeHost));
    const suffixes = [...exact].filter((name) => name.startsWith('*.')).map((name) => name.slice(1));
    this.#isName = exact.has('*')
      ? () => true
      : (name) => exact.has(name) || suffixes.some((suffix) => name.endsWith(suffix));
  }

  /** The error to answer a request with; undefined if it may go on. */
  refusal(request: IncomingMessage): BenderError | undefined {
    const said = addressed(request.rawHeaders);
    if (said.hosts > 1 || (said.hosts === 0 && request.httpVersionMinor > 0))
      return new InvalidError('a request has one Host header');
    if (said.host !== undefined && !this.#isOurs(said.host)) return wrongHost(said.host);
    if (said.agent === probeAgent && isOfConsul(request.url!)) return probed();
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    if (isRead && !isGuarded(request.url!)) return undefined;
    if (!isOwnSite(said)) return foreign(said);
    return isRead && writesByGet.test(request.url!) && isBrowser(request.rawHeaders) ? onlyByPut() : undefined;
  }

  /** The same for a request to open a stream of a peer. */
  upgradeRefusal({ rawHeaders }: IncomingMessage): BenderError | undefined {
    const said = addressed(rawHeaders);
    return said.origin === undefined && isOwnSite(said) ? undefined : foreign(said);
  }

  #isOurs(host: string): boolean {
    if (this.#known.has(host)) return true;
    const name = nameIn(host);
    const isOurs = isIP(name) !== 0 || name === 'localhost' || name.endsWith('.localhost') || this.#isName(name);
    if (isOurs) {
      if (this.#known.size >= mostKnown) this.#known.clear();
      this.#known.add(host);
    }
    return isOurs;
  }
}

/** The host in a `Host` header, without its port. */
const nameIn = (header: string): string => normalizeHost(header.replace(/:\d*$/, ''));

const mostKnown = 100;

/** Reads that hold a connection, and those of Consul's clients, some of which change something by GET. */
const isGuarded = (url: string): boolean => /^\/events/i.test(url) || isOfConsul(url);

const isOfConsul = (url: string): boolean => /^\/v1\//i.test(url);

const probed = (): BenderError =>
  new BenderError('FORBIDDEN', 'this is a daemon: no check of an instance may lead here');

/** What Consul's clients may change by GET. */
const writesByGet = /^\/v1\/agent\/(check|service\/[^/]*register|service\/maintenance)\//i;

/**
 * Whether a browser has sent this. A browser says where a request comes from only to URLs that it trusts, and nothing
 * of it if a page shows an image from here by plain HTTP.
 */
function isBrowser(raw: readonly string[]): boolean {
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at]!.toLowerCase();
    if (name === 'referer' || name === 'accept-language') return true;
    if (name === 'user-agent' && /^Mozilla\//i.test(raw[at + 1]!)) return true;
  }
  return false;
}

/** From the headers as they came: an object of all of them costs more than most requests. */
function addressed(raw: readonly string[]): Addressed {
  const said: Addressed = { host: undefined, hosts: 0, origin: undefined, site: undefined, agent: undefined };
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at]!;
    const value = raw[at + 1]!;
    if (name.length === 4 && name.toLowerCase() === 'host') {
      said.host = value;
      said.hosts++;
    } else if (name.length === 6 && name.toLowerCase() === 'origin') said.origin = value;
    else if (name.length === 14 && name.toLowerCase() === 'sec-fetch-site') said.site = value;
    else if (name.length === 10 && name.toLowerCase() === 'user-agent') said.agent = value;
  }
  return said;
}

/**
 * Whether the request comes from no page, or from one of this daemon itself. Another port of the same machine is
 * another program, though browsers call it `same-site`.
 */
function isOwnSite({ host, origin, site }: Addressed): boolean {
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return false;
  if (origin === undefined) return true;
  return origin.replace(/^https?:\/\//i, '').toLowerCase() === host?.toLowerCase();
}

const foreign = ({ origin, site }: Addressed): BenderError =>
  new BenderError(
    'FORBIDDEN',
    `web pages of other sites may not do this (${origin === undefined ? `Sec-Fetch-Site: ${printable(site!)}` : `Origin: ${printable(origin)}`})`,
  );

const onlyByPut = (): BenderError => new BenderError('FORBIDDEN', 'browsers may not change anything by GET: use PUT');

function wrongHost(host: string): BenderError {
  const name = printable(nameIn(host));
  return new BenderError(
    'HOST_NOT_ALLOWED',
    `this daemon is not known as '${name}': start it with --allowed-host ${name}, or call it by its address`,
  );
}
