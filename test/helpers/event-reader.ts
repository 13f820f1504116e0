/** Reads server-sent events off a response, one at a time. */

export interface ReadEvent {
  id?: string;
  event?: string;
  data?: unknown;
  /** The text of a block that is none: a comment, or `retry:`. */
  other?: string;
}

export async function* readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<ReadEvent, void> {
  let rest = '';
  const decoder = new TextDecoder();
  for await (const chunk of body) {
    const blocks = (rest + decoder.decode(chunk, { stream: true })).split('\n\n');
    rest = blocks.pop()!;
    yield* blocks.map(parse);
  }
}

function parse(block: string): ReadEvent {
  const match = /^id: (.*)\nevent: (.*)\ndata: (.*)$/.exec(block);
  if (!match) return { other: block };
  const [, id, event, data] = match as unknown as [string, string, string, string];
  return { id, event, data: JSON.parse(data) as unknown };
}
