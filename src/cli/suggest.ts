/** Suggests a command for an unknown word. */

import { distance } from 'fastest-levenshtein';

/** The names that other tools have for bender's commands. */
const otherNames: Readonly<Record<string, string>> = {
  agent: 'serve',
  daemon: 'serve',
  delete: 'deregister',
  get: 'ls',
  import: 'apply',
  info: 'status',
  list: 'ls',
  lookup: 'resolve',
  members: 'daemons',
  ps: 'ls',
  releases: 'history',
  server: 'serve',
  start: 'serve',
  undo: 'rollback',
  unregister: 'deregister',
};

/** The command that is called `word` in other tools, or has a similar name here. */
export const nearestCommand = (word: string, commands: readonly string[]): string | undefined =>
  otherNames[word] ?? nearest(word, commands);

/** The one of `candidates` that `word` is the beginning of, or a misspelling; undefined if there is none. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const longer = candidates.filter((candidate) => word.length > 1 && candidate.startsWith(word));
  if (longer.length === 1) return longer[0];
  const most = word.length <= 3 ? 1 : word.length <= 8 ? 2 : 3;
  const [best] = candidates
    .map((candidate) => ({ candidate, away: distance(word, candidate) }))
    .filter(({ away }) => away <= most)
    .sort((a, b) => a.away - b.away);
  return best?.candidate;
}
