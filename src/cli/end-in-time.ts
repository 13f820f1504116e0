/** Ends a daemon that does not stop when it should, because of a disk that hangs, or a bug. */

/** ms. Handing over takes at most 5 s. */
const endsWithinMs = 10_000;

/** Ends the process with exit code 1 if it still runs `withinMs` from now. */
export function endInTime({
  withinMs = endsWithinMs,
  end = (): never => process.exit(1),
}: { withinMs?: number; end?: () => void } = {}): void {
  const timer = setTimeout(() => {
    process.stderr.write(`Error: told to stop, and not done after ${withinMs / 1000}s: ends without handing over\n`);
    end();
  }, withinMs);
  timer.unref();
}
