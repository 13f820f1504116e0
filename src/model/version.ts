/** What a version, asked for, matches: itself, or all that a semver range takes in. */

import semver from 'semver';

/**
 * Whether `version` is what `range` asks for. Any string matches itself, semver or not; beyond that, a range
 * such as `1.x` or `^1.2.0` matches the releases within it. A prerelease matches only a range that names one.
 *
 *     matchesVersion('^1.2.0', '1.3.1') // true
 */
export function matchesVersion(range: string, version: string): boolean {
  return range === version || (isRange(range) && semver.satisfies(version, range));
}

/** Whether `text` may match other versions than itself: `1.x` and `=1.2.0` may, `1.2.0` and `blue` may not. */
export function isRange(text: string): boolean {
  const exact = semver.valid(text) !== null && !text.startsWith('=');
  return !exact && semver.validRange(text) !== null;
}
