/**
 * What settings look like, whether they come as text (flags, environment) or as JSON (config file). Each parser throws
 * an InvalidError that begins with `must be`: the caller adds the name of the setting.
 */

import { parseDuration } from '../model/duration.js';
import { InvalidError } from '../model/errors.js';
import { isHost, isReachable, normalizeHost } from '../model/host.js';
import { readNear } from '../model/near.js';
import { printable } from '../model/printable.js';
import { withoutCredentials } from '../model/secrets.js';
import { isToken } from '../model/token.js';
import { isName } from '../model/validate.js';

export type Parser<T> = (raw: unknown) => T;

export const text: Parser<string> = (raw) =>
  typeof raw === 'string' && raw.trim() !== '' ? raw.trim() : refuse('a text that is not empty', raw);

/** A name as backends and registrations have them: no slashes, no white space. */
export const name: Parser<string> = (raw) =>
  isName(raw) ? raw : refuse('a name without slashes, white space or control characters', raw);

/** A token; the error does not show what was given. */
export const secretToken: Parser<string> = (raw) => {
  if (typeof raw === 'string' && isToken(raw.trim())) return raw.trim();
  throw new InvalidError("must be a token as 'bender token create' prints it");
};

/** 0 stands for any free port. */
export const port: Parser<number> = (raw) => {
  const number = typeof raw === 'string' && /^\d+$/.test(raw) ? Number(raw) : raw;
  if (typeof number === 'number' && Number.isInteger(number) && number >= 0 && number <= 65535) return number;
  return refuse('a port from 0 to 65535', raw);
};

/** Where to listen. */
export interface ListenAddress {
  host: string;
  port: number;
}

/** `HOST:PORT`, with IPv6 in brackets. */
export const listenAddress: Parser<ListenAddress> = (raw) => {
  const [, host, digits] = (typeof raw === 'string' && /^(\[[^\]]+\]|[^:\s]+):(\d{1,5})$/.exec(raw.trim())) || [];
  const address = host === undefined ? undefined : normalizeHost(host);
  if (address !== undefined && isHost(address) && Number(digits) <= 65535)
    return { host: address, port: Number(digits) };
  return refuse('HOST:PORT, such as 10.0.0.5:1730', raw);
};

/** Metadata that near instances have. */
export const nearInstances: Parser<string> = (raw) =>
  typeof raw === 'string' && readNear(raw) ? raw : refuse('NAME:VALUE, such as zone:eu-1', raw);

/** A URL of nothing but scheme, host and port, without a slash at its end. */
export const baseUrl: Parser<string> = (raw) => {
  const url = typeof raw === 'string' && URL.canParse(raw) ? new URL(raw) : undefined;
  if (url && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`) return url.origin;
  return refuse('a URL such as http://10.0.0.1:1729', raw);
};

/** The same, if others can connect to it. */
export const reachableUrl: Parser<string> = (raw) => {
  const url = baseUrl(raw);
  return isReachable(normalizeHost(new URL(url).hostname)) ? url : refuse('a URL that others can connect to', raw);
};

/** A host name; `*.example.com` for all below it, `*` for any. */
export const hostPattern: Parser<string> = (raw) => {
  if (raw === '*') return raw;
  const name = typeof raw === 'string' ? normalizeHost(raw.trim()) : '';
  return isHost(name.replace(/^\*\./, ''))
    ? name
    : refuse('a host name such as bender.example.com, without a port', raw);
};

/** Characters of a domain, so that there is room for what is before it: names end at 253. */
const longestDomain = 100;

/** A domain of DNS, in lower case and without a dot at its end. */
export const dnsDomain: Parser<string> = (raw) => {
  const domain = typeof raw === 'string' ? normalizeHost(raw.trim()) : '';
  return domain.length <= longestDomain && /^[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})*$/.test(domain)
    ? domain
    : refuse(`a domain such as bender or bender.example.com, of at most ${longestDomain} characters`, raw);
};

/** Several of a kind: a JSON array, text with commas, or flags that repeat. */
export const listOf =
  <T>(parse: Parser<T>): Parser<T[]> =>
  (raw) =>
    (Array.isArray(raw) ? raw : [raw])
      .flatMap((part: unknown) => (typeof part === 'string' ? part.split(',') : [part]))
      .filter((part) => part !== '')
      .map(parse);

/** Milliseconds from `min` to `max`. */
export const durationWithin =
  (min: number, max: number): Parser<number> =>
  (raw) => {
    if (typeof raw !== 'string' && typeof raw !== 'number') return refuse('a duration', raw);
    const duration = parseDuration(raw);
    return duration >= min && duration <= max ? duration : refuse(`from ${min} to ${max} ms`, raw);
  };

/** A whole number from `min` to `max`. */
export const integerWithin =
  (min: number, max: number): Parser<number> =>
  (raw) => {
    const number = typeof raw === 'string' && /^\d+$/.test(raw) ? Number(raw) : raw;
    const isWithin = typeof number === 'number' && Number.isInteger(number) && number >= min && number <= max;
    return isWithin ? number : refuse(`a whole number from ${min} to ${max}`, raw);
  };

export const yesOrNo: Parser<boolean> = (raw) => {
  if (raw === true || raw === 'true' || raw === '1') return true;
  if (raw === false || raw === 'false' || raw === '0') return false;
  return refuse('true or false', raw);
};

export const oneOf =
  <const T extends string>(...options: T[]): Parser<T> =>
  (raw) =>
    options.find((option) => option === raw) ?? refuse(`one of ${options.join(', ')}`, raw);

function refuse(expected: string, raw: unknown): never {
  const given = typeof raw === 'string' ? withoutCredentials(raw) : JSON.stringify(raw);
  throw new InvalidError(`must be ${expected}, not '${printable(given, 100)}'`);
}
