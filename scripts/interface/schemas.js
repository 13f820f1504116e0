/** JSON Schema as lines: one for each key, `NewRegistration.port: integer 1..65535, required`. */

import { createHash } from 'node:crypto';

/**
 * The lines of the schemas that the description names.
 *
 * @param {Record<string, object>} schemas
 */
export const schemaLines = (schemas) =>
  Object.entries(schemas).flatMap(([name, schema]) => linesOf(name, schema, `${name}: `));

/**
 * The type of a schema in a line, with its bounds: `string 1..128`, `"keep" | "expire"`, `Registration[]`,
 * `(string /^a/)[] 1..16`.
 */
export const typeOf = (schema) => [typeAlone(schema), ...boundsOf(schema)].join(' ');

function typeAlone(schema) {
  if (schema.$ref !== undefined) return schema.$ref.replace(/.*\//, '');
  if ('const' in schema) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  const either = schema.anyOf ?? schema.oneOf;
  if (either && !schema.type) return [...new Set(either.map(typeOf))].join(' | ');
  if (schema.type === 'array') return `${grouped(typeOf(schema.items ?? {}))}[]`;
  return [schema.type ?? 'any'].flat().join(' | ');
}

const grouped = (type) => (type.includes(' ') ? `(${type})` : type);

/** What requests have to keep to. Answers have hardly any. */
function boundsOf(schema) {
  const pairs = ['imum', 'Length', 'Items', 'Properties'].map((what) => [schema[`min${what}`], schema[`max${what}`]]);
  return [
    ...pairs
      .filter(([min, max]) => min !== undefined || max !== undefined)
      .map(([min = '', max = '']) => `${min}..${max}`),
    ...(schema.pattern === undefined ? [] : [patternOf(schema.pattern)]),
    ...(schema.default === undefined ? [] : [`default ${JSON.stringify(schema.default)}`]),
  ];
}

/** A long one by its beginning and a digest. */
const patternOf = (pattern) =>
  pattern.length <= 60
    ? `/${pattern}/`
    : `/${pattern.slice(0, 20)}…/ ${createHash('sha256').update(pattern).digest('hex').slice(0, 8)}`;

/** The line of a value, and those of the keys in it. */
function linesOf(path, schema, start, isRequired) {
  return [`${start}${typeOf(schema)}${isRequired ? ', required' : ''}`, ...keyLines(path, schema)];
}

function keyLines(path, schema) {
  const either = schema.anyOf ?? schema.oneOf ?? [];
  const { properties = {}, required = [], additionalProperties, items } = schema;
  return [
    ...Object.entries(properties).flatMap(([key, value]) =>
      linesOf(`${path}.${key}`, value, `${path}.${key}: `, required.includes(key)),
    ),
    ...(typeof additionalProperties === 'object'
      ? linesOf(`${path}.*`, additionalProperties, `${path}.*: `, false)
      : []),
    ...(items ? keyLines(`${path}[]`, items) : []),
    ...either.flatMap((one, index) => keyLines(path + variant(one, either, index), one)),
  ];
}

/** What tells alternatives apart, if several have keys: their `type`, else their place. */
function variant(schema, either, index) {
  if (either.filter((one) => keyLines('', one).length > 0).length < 2) return '';
  const { const: only, enum: several = [only ?? index + 1] } = schema.properties?.type ?? {};
  return `(${several.join('|')})`;
}
