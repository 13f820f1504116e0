/** How many instances a deployment asks for, and what the daemon will say to that. */

/** What the field says before anything is typed. The daemon assumes the same. */
export const usualCount = '1';

/**
 * The count in the field: an integer from 1. An empty field, or one that is no number, means 1. It never means 0, with
 * which a daemon switches to a version that has no instances.
 */
export function countIn(text: string): number {
  const count = Math.floor(Number(text));
  return count >= 1 ? count : 1;
}

/** Milliseconds in the field of seconds; those of `usual` if it is empty or no number. 0: at once. */
export function stableForIn(text: string, usualMs: number): number {
  const seconds = Number(text);
  return text.trim() === '' || !(seconds >= 0) ? usualMs : Math.round(seconds * 1000);
}

/**
 * The line under the fields.
 *
 * @param online   instances of the version that are online and not draining
 * @param atLeast  how many are waited for; 0 switches with none
 */
export function guardOf(online: number, atLeast: number): { tone: 'good' | 'warn' | 'bad'; warning: string } {
  if (online < atLeast)
    return { tone: 'warn', warning: `It is switched when there ${atLeast === 1 ? 'is' : 'are'} ${atLeast}.` };
  if (online === 0) return { tone: 'bad', warning: 'Callers are sent to nothing.' };
  return { tone: 'good', warning: '' };
}
