/** Answers as messages, within the size that the client takes (RFC 1035 4.1, RFC 6891, RFC 2181 9). */

import { flags, headerBytes, type Query, type Rcode } from './query.js';
import { optRecord, type RecordBytes } from './records.js';

/** A record of the additional section: the address of an SRV's target. */
export interface Additional {
  record: RecordBytes;
  /** Where that target is, which owns the record: bytes from the beginning of the first answer. */
  ownerAt: number;
}

/** The records that answer a question; all answers are owned by its name. */
export interface RecordSet {
  answers: readonly RecordBytes[];
  additionals: readonly Additional[];
  /** The answer to begin with when not all have room: each client is to see others. */
  next: number;
}

export interface Reply {
  rcode: Rcode;
  /** Whether the name is in the domain, and the answer can be trusted. */
  isAuthoritative?: boolean;
  records?: RecordSet;
  /** The SOA of a negative answer, and how many labels of the question are before the domain. */
  soa?: { record: RecordBytes; labelsBefore: number };
}

export interface Limits {
  /** Bytes of the message. */
  size: number;
  /** Whether answers that have no room take turns. */
  rotates: boolean;
}

/** Bytes that this server takes by UDP. */
const ourUdpSize = 4096;

/** A name is written as a pointer to an earlier one, which has 14 bits for the place (RFC 1035 4.1.4). */
export const pointerBytes = 2;
export const pointerReach = 0x3fff;

/** Keyed by the extended code, and whether the DO bit is set: there are few. */
const opts = new Map<string, Buffer>();

function optFor({ edns }: Query, rcode: Rcode): Buffer {
  if (!edns) return Buffer.alloc(0);
  const key = `${rcode >> 4} ${edns.isSecure}`;
  let opt = opts.get(key);
  if (!opt) opts.set(key, (opt = optRecord(ourUdpSize, rcode >> 4, edns.isSecure)));
  return opt;
}

const none: RecordSet = { answers: [], additionals: [], next: 0 };

/**
 * Additional records are left out before answers, without a word: the client asks for what is missing. Only if answers
 * are missing as well, the message says that it is truncated.
 */
export function writeReply(query: Query, reply: Reply, { size, rotates }: Limits): Buffer {
  const { rcode, isAuthoritative = false, records = none, soa } = reply;
  const question = query.question?.bytes ?? Buffer.alloc(0);
  const opt = optFor(query, rcode);
  const fixed = headerBytes + question.length + opt.length;
  const answersAt = headerBytes + question.length;
  const { answers, additionals, isWhole, bytes } = fitting(records, size - fixed, answersAt, rotates);
  const soaBytes = soa ? pointerBytes + soa.record.length : 0;

  const message = Buffer.allocUnsafe(fixed + bytes + soaBytes);
  message.writeUInt16BE(query.id, 0);
  message.writeUInt16BE(
    flags.response |
      (query.flags & (flags.opcode | flags.recursion)) |
      (isAuthoritative ? flags.authoritative : 0) |
      (isWhole ? 0 : flags.truncated) |
      (rcode & 0xf),
    2,
  );
  message.writeUInt16BE(query.question ? 1 : 0, 4);
  message.writeUInt16BE(answers.length, 6);
  message.writeUInt16BE(soa ? 1 : 0, 8);
  message.writeUInt16BE(additionals.length + (opt.length > 0 ? 1 : 0), 10);

  let at = headerBytes + question.copy(message, headerBytes);
  const put = (owner: number, record: RecordBytes): void => {
    message.writeUInt16BE(0xc000 | owner, at);
    at += pointerBytes + record.copy(message, at + pointerBytes);
  };
  for (const answer of answers) put(headerBytes, answer);
  if (soa) put(domainAt(query.question!.labels, soa.labelsBefore), soa.record);
  for (const { record, ownerAt } of additionals) put(answersAt + ownerAt, record);
  opt.copy(message, at);
  return message;
}

/** What has room, and how many bytes it takes. */
function fitting(
  set: RecordSet,
  room: number,
  answersAt: number,
  rotates: boolean,
): { answers: readonly RecordBytes[]; additionals: readonly Additional[]; isWhole: boolean; bytes: number } {
  const { answers } = set;
  const all = sizeOf(answers);
  if (all > room) {
    const start = rotates ? set.next % answers.length : 0;
    const some = within(room, [...answers.slice(start), ...answers.slice(0, start)]);
    if (rotates) set.next = start + some.length;
    return { answers: some, additionals: [], isWhole: false, bytes: sizeOf(some) };
  }
  const additionals: Additional[] = [];
  let bytes = all;
  for (const additional of set.additionals) {
    const size = pointerBytes + additional.record.length;
    if (bytes + size > room || answersAt + additional.ownerAt > pointerReach) break;
    additionals.push(additional);
    bytes += size;
  }
  return { answers, additionals, isWhole: true, bytes };
}

const sizeOf = (records: readonly RecordBytes[]): number =>
  records.reduce((sum, { length }) => sum + pointerBytes + length, 0);

/** The first of `records` that have room. */
function within(room: number, records: readonly RecordBytes[]): RecordBytes[] {
  let left = room;
  const end = records.findIndex(({ length }) => (left -= pointerBytes + length) < 0);
  return end < 0 ? [...records] : records.slice(0, end);
}

/** Where the name of the domain begins, within the question. */
const domainAt = (labels: readonly string[], before: number): number =>
  labels.slice(0, before).reduce((at, { length }) => at + 1 + length, headerBytes);
