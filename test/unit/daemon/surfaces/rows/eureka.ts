import { XMLParser } from 'fast-xml-parser';
import { hostPort } from '../../../../../src/model/registration.js';
import type { ApiServer } from '../../../../helpers/api-server.js';
import type { Row, Seen } from './row.js';

interface Instance {
  hostName: string;
  status: string;
  port: { $: number };
}

interface Applications {
  applications: { application?: { instance: Instance[] }[] };
}

const parser = new XMLParser({
  ignoreAttributes: false,
  textNodeName: '$',
  isArray: (name) => name === 'application' || name === 'instance',
});

async function seen(server: ApiServer, headers: Record<string, string>): Promise<Seen> {
  const { status, body, headers: answered } = await server.ask('GET', '/eureka/vips/web', { headers });
  if (status !== 200) return { shown: 'keep', bytes: '' };
  const { applications } = (typeof body === 'string' ? parser.parse(body) : body) as Applications;
  const instances = (applications.application ?? []).flatMap(({ instance }) => instance);
  return {
    shown: instances.map(({ hostName: host, port, status: of }) => ({
      at: hostPort({ host, port: port.$ }),
      draining: of === 'OUT_OF_SERVICE',
    })),
    bytes: typeof body === 'string' ? body : JSON.stringify(body),
    etag: answered.etag,
  };
}

/** In both forms, which must say the same. */
export const eureka: Row = {
  ask: async (server, known) => {
    const condition: Record<string, string> = known === undefined ? {} : { 'if-none-match': known };
    const json = await seen(server, { accept: 'application/json', ...condition });
    if (json.shown === 'keep') return json;
    const xml = await seen(server, {});
    if (JSON.stringify(xml.shown) !== JSON.stringify(json.shown)) throw new Error('XML and JSON differ');
    return { ...json, bytes: json.bytes + xml.bytes };
  },
  empty:
    '{"applications":{"versions__delta":"1","apps__hashcode":"","application":[]}}' +
    '<applications><versions__delta>1</versions__delta><apps__hashcode></apps__hashcode></applications>',
  draining: 'marked',
  hostName: 'shown',
  split: undefined,
  near: false,
  most: 5000,
  etag: true,
};
