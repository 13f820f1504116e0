/** The message for words that no command begins with. */

import { nearest, nearestCommand } from './suggest.js';
import { unknownFlag } from './usage-text.js';
import { UsageError } from './usage-error.js';

/**
 * @param words  the words in the place of a command
 * @param ids  of all commands, their words separated by `:`
 */
export function unknownCommand(words: readonly string[], ids: readonly string[]): UsageError {
  const [first = ''] = words;
  if (first.startsWith('-')) return new UsageError(unknownFlag(first, ['help', 'version']), []);
  const known = knownPart(words, ids);
  const next = words[known.length] ?? '';
  if (known.length === 0) {
    const meant = nearestCommand(next, firstWords(ids));
    return new UsageError(`there is no command '${next}'${question(meant)}`, []);
  }
  const below = known.join(':');
  const commands = ids.filter((id) => id.startsWith(`${below}:`)).map((id) => id.slice(below.length + 1));
  if (commands.length === 0) return new UsageError(`'bender ${known.join(' ')}' takes no argument: '${next}'`, known);
  const meant = nearest(next, commands);
  const said = `'bender ${known.join(' ')}' has no command '${next}'`;
  return new UsageError(said + question(meant && `${known.join(' ')} ${meant}`), known);
}

const question = (meant: string | undefined): string =>
  meant === undefined ? '' : `: did you mean 'bender ${meant}'?`;

/** The words at the beginning that commands begin with. */
function knownPart(words: readonly string[], ids: readonly string[]): string[] {
  for (let length = words.length - 1; length > 0; length--) {
    const part = words.slice(0, length).join(':');
    if (ids.some((id) => id === part || id.startsWith(`${part}:`))) return words.slice(0, length);
  }
  return [];
}

const firstWords = (ids: readonly string[]): string[] => [...new Set(ids.map((id) => id.split(':')[0]!))];
