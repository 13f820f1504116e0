/** One event as server-sent events have it. */
export const formatEvent = (id: string, type: string, json: string): string =>
  `id: ${id}\nevent: ${type}\ndata: ${json}\n\n`;
