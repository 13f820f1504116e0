/**
 * Matches versions against a requested one: the version itself, or all within a semver range.
 *
 * Parsing a range takes much longer than testing a version by it, and any client may send any range. So a range is
 * parsed once per query, has a bounded length, and each version is tested once.
 */

import semver from 'semver';
import { InvalidError } from './errors.js';
import { limits } from './limits.js';

/** Tells whether a version matches. */
export type VersionMatcher = (version: string) => boolean;

/** How many results one matcher remembers: more distinct versions are rare, and are tested again. */
const remembered = 10_000;

/**
 * Tests versions by `range`. Any string matches itself, semver or not; beyond that, a range such as `1.x` or `^1.2.0`
 * matches the releases within it. A prerelease matches only a range that names one. A text above
 * {@link limits.range} characters is no range, and matches nothing but itself.
 *
 *     const matches = versionMatcher('^1.2.0');
 *     matches('1.3.1') // true
 */
export function versionMatcher(range: string): VersionMatcher {
  const parsed = rangeOf(range);
  if (parsed === undefined) return (version) => version === range;
  const known = new Map<string, boolean>();
  return (version) => {
    let matches = known.get(version);
    if (matches === undefined) {
      matches = version === range || parsed.test(version);
      if (known.size < remembered) known.set(version, matches);
    }
    return matches;
  };
}

/** Whether `text` may match versions other than itself: `1.x` and `=1.2.0` may, `1.2.0` and `blue` may not. */
export const isRange = (text: string): boolean => rangeOf(text) !== undefined;

/** Returns `text`, a version or range in a path or query. Throws {@link InvalidError} if it is too long. */
export function checkRange(text: string): string {
  if (text.length <= limits.range) return text;
  throw new InvalidError(
    `'version' must have at most ${limits.range} characters, not ${text.length.toLocaleString('en')}`,
  );
}

function rangeOf(text: string): semver.Range | undefined {
  if (text.length > limits.range) return undefined;
  if (semver.valid(text) !== null && !text.startsWith('=')) return undefined;
  try {
    return new semver.Range(text);
  } catch {
    return undefined;
  }
}

/** Orders versions as semver does. Names that are no semver versions come after those that are, as text. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [semver.parse(a), semver.parse(b)];
  if (left && right) return semver.compareBuild(left, right);
  if (left || right) return left ? -1 : 1;
  return a < b ? -1 : Number(a > b);
}

/**
 * Whether `text` can only be a range: `^1.2.0`, `1.x`, `>=1.0.0 <2.0.0`. Names such as `1.2` and `20241125` are ranges
 * as well, but are usual names of one version, too.
 */
export const isOnlyRange = (text: string): boolean =>
  (/[<>=^~|*\s]/.test(text) || /(^|\.)x(\.|$)/i.test(text)) && isRange(text);

/**
 * A version in the query of a URL, where `+` may be written for a space or for itself. It is a space only if that
 * makes a range, and itself does not.
 *
 *     versionInQuery('1.2.3 5') // 1.2.3+5, which was not encoded
 */
export function versionInQuery(text: string): string {
  if (!text.includes(' ')) return text;
  const literal = text.replaceAll(' ', '+');
  const isMeantAsRange = text.includes(' - ') || semver.validRange(literal) === null;
  return isMeantAsRange && isRange(text) ? text : literal;
}
