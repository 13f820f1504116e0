/** Resource records, encoded but for the name that owns them: how that is written depends on the message. */

import packet, { type Answer, type OptAnswer } from 'dns-packet';

export const types = { A: 1, SOA: 6, AAAA: 28, SRV: 33, IXFR: 251, AXFR: 252, ANY: 255 } as const;

/** Seconds for which resolvers may keep an answer, also that there is none. With 0, Kong asks for each request. */
const ttl = 1;

/** Bytes of a record without its owner: type, class, TTL, length and data (RFC 1035 4.1.3). */
export type RecordBytes = Buffer;

/** Bytes between the beginning of a {@link RecordBytes} of an SRV and its target: the target is never compressed. */
export const srvTargetAt = 10 + 6;

export const srvRecord = (target: string, port: number, weight: number): Answer => ({
  ...{ name: '.', type: 'SRV', ttl },
  data: { target, port, weight, priority: 0 },
});

export const addressRecord = (ip: string): Answer => ({
  ...{ name: '.', type: ip.includes(':') ? 'AAAA' : 'A', ttl },
  data: ip,
});

/** Always the same, since this zone is not transferred. As RFC 6303 has it for zones without a master. */
export const soaRecord = (domain: string): Answer => ({
  ...{ name: '.', type: 'SOA', ttl },
  data: {
    ...{ mname: domain, rname: 'nobody.invalid', serial: 1 },
    ...{ refresh: 3600, retry: 600, expire: 86_400, minimum: ttl },
  },
});

/** The OPT of an answer (RFC 6891), its owner included. */
export const optRecord = (udpPayloadSize: number, extendedRcode: number, isSecure: boolean): Buffer =>
  section([
    {
      name: '.',
      type: 'OPT',
      udpPayloadSize,
      extendedRcode,
      ednsVersion: 0,
      flags: isSecure ? packet.DNSSEC_OK : 0,
      options: [],
    } as unknown as OptAnswer,
  ]);

/** Encodes records that the root owns, in their order: all at once, since a call costs as much as several records. */
export function encodeRecords(records: readonly Answer[]): RecordBytes[] {
  const bytes = section(records);
  let at = 0;
  return records.map(() => {
    // The root is one byte.
    const begin = at + 1;
    at = begin + lengthAt + 2 + bytes.readUInt16BE(begin + lengthAt);
    return bytes.subarray(begin, at);
  });
}

/** Bytes between the beginning of a {@link RecordBytes} and the length of its data. */
const lengthAt = 8;

/** A section of a message, which has 12 bytes before it. */
const section = (records: readonly Answer[]): Buffer =>
  packet.encode({ type: 'response', answers: [...records] }).subarray(12);
