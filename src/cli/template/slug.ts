/** Names for configuration languages. */

import { createHash } from 'node:crypto';
import { isIP } from 'node:net';

/** What every such language takes as it is, and tells from all others whether or not it looks at upper case. */
const safe = /^[a-z0-9][a-z0-9_.-]{0,127}$/;

/** How names end that were changed: 12 hex digits of their SHA-256. */
const changed = /-[0-9a-f]{12}$/;

/** Characters of the readable part of a name that was changed. */
const readable = 80;

/**
 * `value` as a name that every configuration language takes: of lower-case letters, digits, `_`, `.` and `-`, beginning
 * with a letter or digit. What is such a name stays as it is; anything else gets a hash at its end, so that different
 * values have different names.
 *
 *     slug('web')   // web
 *     slug('web:1') // web-1-58adba0ba2c4
 */
export function slug(value: unknown): string {
  const text = String(value);
  if (safe.test(text) && !changed.test(text)) return text;
  const plain = text
    .toLowerCase()
    .replace(/[^a-z0-9_.-]/g, '-')
    .replace(/^[^a-z0-9]/, 'x');
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 12);
  return `${plain.slice(0, readable) || 'x'}-${hash}`;
}

/**
 * `value` in lower case if a client can send it as the name in a Host header, else nothing.
 *
 *     hostname('WWW.example') // www.example
 */
export function hostname(value: unknown): string {
  const text = String(value).toLowerCase();
  return /^[a-z0-9_][a-z0-9_.-]*$/.test(text) ? text : '';
}

/** `value` if it is an IP address, and no name that has to be looked up; else nothing. */
export const ip = (value: unknown): string => (isIP(String(value)) === 0 ? '' : String(value));
