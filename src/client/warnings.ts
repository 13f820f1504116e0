/** Errors that nothing waits for: they become warnings of the process. */

export const warn = (error: unknown): void => process.emitWarning(error instanceof Error ? error : String(error));

/** Calls a callback of the user. An error that it throws must not end anything: it becomes a warning. */
export function call(callback: () => void): void {
  try {
    callback();
  } catch (error) {
    warn(error);
  }
}
