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

/**
 * The line under the fields.
 *
 * @param online   instances of the version that are online and not draining
 * @param atLeast  how many the daemon is asked to require; 0 switches with none
 */
export function guardOf(online: number, atLeast: number): { tone: 'good' | 'bad'; warning: string } {
  if (online < atLeast) return { tone: 'bad', warning: `The daemon refuses fewer than ${atLeast}.` };
  if (online === 0) return { tone: 'bad', warning: 'Callers are sent to nothing.' };
  return { tone: 'good', warning: '' };
}
