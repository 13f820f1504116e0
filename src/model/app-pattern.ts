/** Patterns of app names: `*` stands for any characters, also none. */

/**
 * Whether `name` matches `pattern`. Takes at most as many steps as both lengths multiplied, whatever the pattern.
 *
 *     matchesApp('web-*', 'web-shop') // true
 */
export function matchesApp(pattern: string, name: string): boolean {
  let [at, from] = [0, 0];
  /** Where the last star is, and up to where it reaches. */
  let [star, reach] = [-1, 0];
  while (from < name.length) {
    if (pattern[at] === '*') {
      star = at++;
      reach = from;
    } else if (at < pattern.length && pattern[at] === name[from]) {
      at++;
      from++;
    } else if (star >= 0) {
      at = star + 1;
      from = ++reach;
    } else return false;
  }
  while (pattern[at] === '*') at++;
  return at === pattern.length;
}
