/** Asks a DNS server, as programs do. */

import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import packet, {
  type DecodedPacket,
  type OptAnswer,
  type RecordType,
  type SrvAnswer,
  type StringAnswer,
} from 'dns-packet';

export interface DnsQuestion {
  name: string;
  type: RecordType;
  /** Bytes that the client takes by UDP; undefined: it knows no EDNS. */
  udpSize?: number;
}

export interface DnsAnswer extends DecodedPacket {
  bytes: Buffer;
  rcode: string;
}

export const encodeQuery = ({ name, type, udpSize }: DnsQuestion): Buffer =>
  packet.encode({
    type: 'query',
    id: 7,
    flags: packet.RECURSION_DESIRED,
    questions: [{ name, type }],
    ...(udpSize !== undefined && {
      additionals: [{ type: 'OPT', name: '.', udpPayloadSize: udpSize, flags: 0, options: [] } as unknown as OptAnswer],
    }),
  });

export async function askUdp(port: number, query: Buffer): Promise<Buffer> {
  const socket = createSocket('udp4');
  socket.send(query, port, '127.0.0.1');
  try {
    const [message] = (await once(socket, 'message', { signal: AbortSignal.timeout(5000) })) as [Buffer];
    return message;
  } finally {
    socket.close();
  }
}

export async function askTcp(port: number, query: Buffer): Promise<Buffer> {
  const socket = connect(port, '127.0.0.1');
  const length = Buffer.alloc(2);
  length.writeUInt16BE(query.length);
  socket.end(Buffer.concat([length, query]));
  const chunks: Buffer[] = [];
  for await (const chunk of socket as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).subarray(2);
}

export function decodeAnswer(bytes: Buffer): DnsAnswer {
  const decoded = packet.decode(bytes) as DecodedPacket & { rcode: string };
  if (packet.decode.bytes !== bytes.length) throw new Error('there are bytes behind the message');
  return { ...decoded, bytes };
}

/** By UDP, and by TCP if the answer is truncated. */
export async function askDns(port: number, question: DnsQuestion): Promise<DnsAnswer> {
  const query = encodeQuery(question);
  const answer = decodeAnswer(await askUdp(port, query));
  return answer.flag_tc ? decodeAnswer(await askTcp(port, query)) : answer;
}

export interface Service {
  target: string;
  port: number;
  weight: number;
  /** Its address in the additional section. */
  address?: string;
}

/** The SRV records of an answer. */
export function servicesIn({ answers = [], additionals = [] }: DnsAnswer): Service[] {
  const addresses = new Map(
    (additionals as StringAnswer[])
      .filter(({ type }) => type === 'A' || type === 'AAAA')
      .map(({ name, data }) => [name, data]),
  );
  return (answers as SrvAnswer[])
    .filter(({ type }) => type === 'SRV')
    .map(({ data: { target, port, weight = 0 } }) => {
      const address = addresses.get(target);
      return { target, port, weight, ...(address !== undefined && { address }) };
    });
}

/** The data of the address records of an answer. */
export const addressesIn = ({ answers = [] }: DnsAnswer): string[] =>
  (answers as StringAnswer[]).filter(({ type }) => type === 'A' || type === 'AAAA').map(({ data }) => data);
