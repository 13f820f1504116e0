/** Times in the browser's zone, as the command line shows them: of 24 hours, whatever the language. */

/** `2026-11-24 14:32:35`. */
export function localTime(unixMs: number): string {
  const offsetMs = new Date(unixMs).getTimezoneOffset() * 60_000;
  return new Date(unixMs - offsetMs).toISOString().slice(0, 19).replace('T', ' ');
}

/** `14:32:35` if that is today, else `2026-11-24 14:32:35`. */
export function momentText(unixMs: number, now = Date.now()): string {
  const [time, today] = [localTime(unixMs), localTime(now)];
  return time.slice(0, 10) === today.slice(0, 10) ? time.slice(11) : time;
}

/** The same without seconds: `14:30`, else `2026-11-24 14:30`. */
export const shortTime = (unixMs: number, now = Date.now()): string => momentText(unixMs, now).slice(0, -3);
