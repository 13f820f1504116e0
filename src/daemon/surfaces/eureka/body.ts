/** The instance in the body of a registering client, which is JSON or XML. */

import type { IncomingHttpHeaders } from 'node:http';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { BenderError, InvalidError } from '../../../model/errors.js';
import { isObject } from '../../../model/json.js';
import { limits } from '../../../model/limits.js';
import { parseJson } from '../../http/body.js';

/** Fields by the names of Eureka's JSON: `@` stands ahead of those of XML's attributes, `$` for text beside them. */
export type Fields = Readonly<Record<string, unknown>>;

/** Bytes. An instance with the most metadata that bender takes has a tenth of it. */
const most = 64 * 1024;

/** Nothing in it is converted, and text that is no metadata is never nested deeply. */
const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  textNodeName: '$',
  parseTagValue: false,
  ignoreDeclaration: true,
  maxNestedTags: limits.metaLevels,
});

/** Throws InvalidError or TOO_LARGE. */
export function instanceIn(body: unknown, { 'content-type': type = '' }: IncomingHttpHeaders): Fields {
  if (!Buffer.isBuffer(body) || body.length === 0) throw new InvalidError('the body must be an instance');
  if (body.length > most) throw new BenderError('TOO_LARGE', `an instance must have at most ${most} bytes`);
  const fields = fieldsIn(type.includes('xml') ? parseXml(body) : parseJson(body));
  const instance = fieldsIn(fields.instance);
  if (Object.keys(instance).length === 0) throw new InvalidError("the body must be an object or element 'instance'");
  return instance;
}

export const fieldsIn = (value: unknown): Fields => (isObject(value) ? value : {});

function parseXml(body: Buffer): unknown {
  const xml = body.toString();
  // Entities of its own could make a short document a long one.
  if (/<!DOCTYPE/i.test(xml)) throw new InvalidError('the body must not have a document type');
  try {
    const validity = XMLValidator.validate(xml);
    if (validity !== true) throw new Error(validity.err.msg);
    return parser.parse(xml);
  } catch (error) {
    throw new InvalidError(`the body is not XML: ${(error as Error).message}`, { cause: error });
  }
}
