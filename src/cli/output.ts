/** What is printed, by commands that go on for long. */

/**
 * Has this process go on when what reads its output is gone (a pipe that is closed, a log reader that restarts) or full
 * (a disk). Lines are lost then, and nothing else.
 */
export function outliveOutput(): void {
  for (const stream of [process.stdout, process.stderr]) {
    // oclif's own listener throws whatever is no EPIPE.
    stream.removeAllListeners('error');
    stream.on('error', () => undefined);
  }
}
