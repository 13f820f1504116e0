/** Errors that nothing waits for: they become warnings of the process. */

export const warn = (error: unknown): void => process.emitWarning(error instanceof Error ? error : String(error));

/** Calls a callback of the user. An error of it, also of an async one, must not end anything: it becomes a warning. */
export function call(callback: () => unknown): void {
  try {
    const result = callback();
    if (result instanceof Promise) result.catch(warn);
  } catch (error) {
    warn(error);
  }
}
