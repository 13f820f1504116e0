import { NotFoundError } from '../model/errors.js';

/**
 * Acts on one after another. One that is not found does not keep the others from it: what it was refused with is thrown
 * at the end.
 */
export async function each<T>(things: readonly T[], act: (thing: T) => Promise<unknown>): Promise<void> {
  const missing: NotFoundError[] = [];
  for (const thing of things) {
    try {
      await act(thing);
    } catch (error) {
      if (!(error instanceof NotFoundError)) throw error;
      missing.push(error);
    }
  }
  if (missing.length === 1) throw missing[0]!;
  if (missing.length > 1) throw new NotFoundError(missing.map(({ message }) => message).join('; '));
}
