/** Suggests a command for an unknown word. */

import { distance } from 'fastest-levenshtein';

/** The names that other tools have for bender's commands. */
const otherNames: Readonly<Record<string, string>> = {
  acl: 'token',
  agent: 'serve',
  catalog: 'ls',
  cordon: 'drain',
  daemon: 'serve',
  delete: 'deregister',
  events: 'watch',
  get: 'ls',
  health: 'status',
  import: 'apply',
  info: 'status',
  instances: 'ls',
  leave: 'stop',
  list: 'ls',
  lookup: 'resolve',
  maint: 'drain',
  members: 'daemons',
  monitor: 'watch',
  ps: 'ls',
  releases: 'history',
  remove: 'deregister',
  rm: 'deregister',
  rollout: 'deploy',
  server: 'serve',
  services: 'ls',
  start: 'serve',
  uncordon: 'undrain',
  undo: 'rollback',
  unregister: 'deregister',
  validate: 'serve --check',
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
