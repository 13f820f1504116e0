/** Queries as they come from the network: what is understood of them, or why not. */

import packet from 'dns-packet';

/** Response codes (RFC 1035 4.1.1, RFC 6891 9). */
export const rcodes = { noError: 0, formErr: 1, servFail: 2, nxDomain: 3, notImp: 4, refused: 5, badVers: 16 } as const;

export type Rcode = (typeof rcodes)[keyof typeof rcodes];

export const headerBytes = 12;

/** No query needs as much: a question has at most 259 bytes, and options are few. */
const longestQuery = 4096;

/** Records beside the question: OPT, and a signature that is not looked at. */
const mostAdditionals = 4;

/** Bits of the third and fourth byte of the header. */
export const flags = { response: 0x8000, opcode: 0x7800, authoritative: 0x0400, truncated: 0x0200, recursion: 0x0100 };

export interface Edns {
  /** Bytes that the client takes by UDP. */
  udpSize: number;
  version: number;
  /** Whether its DO bit is set, which answers repeat. */
  isSecure: boolean;
}

export interface Question {
  /** In lower case, the first one first. Bytes that are no ASCII are characters of their own. */
  labels: string[];
  type: number;
  /** IN is 1. */
  class: number;
  /** As asked, in the letters of the client: answers repeat it. */
  bytes: Buffer;
}

/** What an answer repeats of its query. */
export interface Query {
  id: number;
  flags: number;
  /** Absent if it was not understood. */
  question?: Question;
  edns?: Edns;
  /** Why it cannot be answered; absent if it can. */
  error?: Rcode;
}

/** Undefined for what must not be answered: an answer, or less than a header. */
export function readQuery(message: Buffer): Query | undefined {
  if (message.length < headerBytes) return undefined;
  const query = { id: message.readUInt16BE(0), flags: message.readUInt16BE(2) };
  if (query.flags & flags.response) return undefined;
  if (query.flags & flags.opcode) return { ...query, error: rcodes.notImp };
  const question = readQuestion(message);
  const edns = question && readEdns(message);
  if (!question || edns === 'invalid') return { ...query, error: rcodes.formErr };
  return { ...query, question, ...(edns && { edns }) };
}

/** Undefined if there is not one question, or anything but additional records beside it. */
function readQuestion(message: Buffer): Question | undefined {
  const counts = [4, 6, 8].map((at) => message.readUInt16BE(at));
  if (message.length > longestQuery || counts.join() !== '1,0,0') return undefined;
  const labels: string[] = [];
  let at = headerBytes;
  for (let length = message[at]; length !== 0; length = message[at]) {
    // A compressed label points to an earlier one, and there is none. Names that are too long are refused below.
    if (length === undefined || length > 63) return undefined;
    labels.push(message.toString('latin1', at + 1, at + 1 + length).toLowerCase());
    at += 1 + length;
  }
  const end = at + 1 + 4;
  if (end > message.length) return undefined;
  return {
    labels,
    type: message.readUInt16BE(end - 4),
    class: message.readUInt16BE(end - 2),
    bytes: message.subarray(headerBytes, end),
  };
}

/** The OPT record, if there is one. */
function readEdns(message: Buffer): Edns | 'invalid' | undefined {
  const count = message.readUInt16BE(10);
  if (count > mostAdditionals) return 'invalid';
  try {
    const { additionals = [] } = packet.decode(message);
    const options = additionals.filter(({ type }) => type === 'OPT') as unknown as OptRecord[];
    if (options.length > 1 || packet.decode.bytes !== message.length) return 'invalid';
    const [one] = options;
    return one && { udpSize: one.udpPayloadSize, version: one.ednsVersion, isSecure: one.flag_do };
  } catch {
    return 'invalid';
  }
}

/** As dns-packet decodes it. */
interface OptRecord {
  udpPayloadSize: number;
  ednsVersion: number;
  flag_do: boolean;
}
