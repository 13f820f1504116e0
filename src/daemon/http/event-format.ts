/** The text before and after the JSON of an event, in the format of server-sent events. */
export const eventFrame = (id: string, type: string): [head: string, end: string] => [
  `id: ${id}\nevent: ${type}\ndata: `,
  '\n\n',
];

/** One event as server-sent events have it. */
export const formatEvent = (id: string, type: string, json: string): string => eventFrame(id, type).join(json);
