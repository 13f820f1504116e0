import type { Server } from 'node:http';

export interface Exchange {
  method: string;
  url: string;
  requestHeaders: Record<string, string | string[] | undefined>;
  /** Undefined: none; null: too long to be recorded. The same of `body`. */
  requestBody?: string | null;
  status: number;
  headers: Record<string, string | number | string[] | undefined>;
  /** Of an event stream, one block. */
  body?: string | null;
}

export function recordTraffic(
  isRecorded: (server: Server) => boolean,
  onExchange: (exchange: Exchange, server: Server) => void,
): () => void;
