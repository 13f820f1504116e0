/** A JSON Schema for people: its type in a few words, and a table of its properties. */

import type { JsonSchema } from '@valibot/to-json-schema';
import type { JsonSchemas } from '../json-schema.js';
import { refPrefix } from '../refs.js';
import { html, inline, type Markup, table } from './markup.js';

/** `text`, `whole number, 1 to 65535`, `list of Registration`, … */
export function typeOf(schema: JsonSchema): Markup {
  if (schema.$ref !== undefined) return linkTo(schema.$ref.slice(refPrefix.length));
  if (schema.const !== undefined) return html`<code>${JSON.stringify(schema.const)}</code>`;
  if (schema.enum)
    return joined(
      schema.enum.map((one) => html`<code>${one === '' ? '""' : JSON.stringify(one).replaceAll('"', '')}</code>`),
      ' or ',
    );
  const options = schema.anyOf as JsonSchema[] | undefined;
  if (options) return joined([...new Map(options.map((one) => [JSON.stringify(one), typeOf(one)])).values()], ' or ');
  if (schema.type === 'array') return html`list of ${typeOf(schema.items as JsonSchema)}`;
  const values = schema.additionalProperties;
  if (typeof values === 'object' && Object.keys(values).length > 0) return html`object of ${typeOf(values)}`;
  const name = names[String(schema.type)] ?? 'anything';
  const bounds = boundsOf(schema);
  return html`${name}${bounds && `, ${bounds}`}`;
}

const names: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'whole number',
  number: 'number',
  boolean: 'true or false',
  object: 'object',
  null: 'null',
};

function boundsOf({ minimum, maximum, maxLength }: JsonSchema): string | undefined {
  if (minimum !== undefined && maximum !== undefined) return `${grouped(minimum)} to ${grouped(maximum)}`;
  if (minimum !== undefined && minimum > 0) return `at least ${grouped(minimum)}`;
  if (maximum !== undefined) return `at most ${grouped(maximum)}`;
  return maxLength === undefined ? undefined : `at most ${grouped(maxLength)} characters`;
}

const grouped = (number: number): string => number.toLocaleString('en');

export const linkTo = (name: string): Markup => html`<a href="#schema-${name}">${name}</a>`;

function joined(parts: readonly Markup[], between: string): Markup {
  return html`${parts.map((part, index) => (index === 0 ? part : html`${between}${part}`))}`;
}

/** All properties of a schema. */
export function tableOf(schema: JsonSchema): Markup {
  const rows = rowsOf(schema, '');
  if (rows.length === 0) return html`<p>${typeOf(schema)}</p>`;
  return table(['property', 'type', 'meaning'], rows);
}

/** Properties of properties have a path: `check.interval`. */
function rowsOf({ properties, required = [] }: JsonSchema, path: string): Markup[] {
  return Object.entries((properties ?? {}) as JsonSchemas).flatMap(([name, schema]) => {
    const { type, isNullable } = withoutNull(schema);
    const inner = type.properties ? type : ((type.items as JsonSchema | undefined) ?? {});
    const isList = type.type === 'array';
    const row = html`<tr>
      <td><code>${path}${name}</code>${!required.includes(name) && html` <span class="faint">optional</span>`}</td>
      <td>${typeOf(type)}${isNullable && ' or null'}</td>
      <td>${inline(schema.description ?? '')}</td>
    </tr>`;
    return [row, ...rowsOf(inner, `${path}${name}${isList ? '[]' : ''}.`)];
  });
}

function withoutNull(schema: JsonSchema): { type: JsonSchema; isNullable: boolean } {
  const options = (schema.anyOf ?? []) as JsonSchema[];
  const real = options.filter(({ type }) => type !== 'null');
  return real.length === 1 && options.length > 1
    ? { type: real[0]!, isNullable: true }
    : { type: schema, isNullable: false };
}
