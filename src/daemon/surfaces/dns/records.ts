/** Resource records, encoded but for the name that owns them: how that is written depends on the message. */

import packet, { type Answer, type OptAnswer } from 'dns-packet';

export const types = { A: 1, SOA: 6, AAAA: 28, SRV: 33, IXFR: 251, AXFR: 252, ANY: 255 } as const;

/** Seconds for which resolvers may keep an answer, also that there is none. With 0, Kong asks for each request. */
const ttl = 1;

/** Bytes of a record without its owner: type, class, TTL, length and data (RFC 1035 4.1.3). */
export type RecordBytes = Buffer;

/** Bytes between the beginning of a {@link RecordBytes} of an SRV and its target: the target is never compressed. */
export const srvTargetAt = 10 + 6;

export const srvRecord = (target: string, port: number, weight: number): RecordBytes =>
  encoded({ name: '.', type: 'SRV', ttl, data: { target, port, weight, priority: 0 } });

export const addressRecord = (ip: string): RecordBytes =>
  encoded({ name: '.', type: ip.includes(':') ? 'AAAA' : 'A', ttl, data: ip });

/** Always the same, since nobody transfers this zone. As RFC 6303 has it for zones without a master. */
export const soaRecord = (domain: string): RecordBytes =>
  encoded({
    name: '.',
    type: 'SOA',
    ttl,
    data: {
      mname: domain,
      rname: 'nobody.invalid',
      serial: 1,
      refresh: 3600,
      retry: 600,
      expire: 86_400,
      minimum: ttl,
    },
  });

/** The OPT of an answer (RFC 6891), its owner included. */
export const optRecord = (udpPayloadSize: number, extendedRcode: number, isSecure: boolean): Buffer =>
  whole({
    name: '.',
    type: 'OPT',
    udpPayloadSize,
    extendedRcode,
    ednsVersion: 0,
    flags: isSecure ? packet.DNSSEC_OK : 0,
    options: [],
  } as unknown as OptAnswer);

/** The root as owner is one byte. */
const encoded = (record: Answer): RecordBytes => whole(record).subarray(1);

const whole = (record: Answer): Buffer => packet.encode({ type: 'response', answers: [record] }).subarray(12);
