/** Applies filter expressions to the elements of an answer, as go-bexpr does. */

import { isObject } from '../../../model/json.js';
import { printable } from '../../../model/printable.js';
import { type Expression, type Operator, parseFilter, refuse } from './filter-syntax.js';

export type Predicate = (element: object) => boolean;

/** Fields that have names of any kind. All other objects have the fields of the sample. */
const maps = new Set(['Meta', 'NodeMeta', 'ServiceMeta', 'TaggedAddresses', 'ServiceTaggedAddresses']);

/**
 * Throws {@link ConsulError} for what is not understood.
 *
 * @param sample  an element of the answer, by which selectors are checked
 */
export function filterOf(text: string, sample: object): Predicate {
  return compile(parseFilter(text), sample);
}

function compile(expression: Expression, sample: object): Predicate {
  if (expression.kind === 'not') {
    const term = compile(expression.term, sample);
    return (element) => !term(element);
  }
  if (expression.kind !== 'match') {
    const terms = expression.terms.map((term) => compile(term, sample));
    return expression.kind === 'and'
      ? (element) => terms.every((term) => term(element))
      : (element) => terms.some((term) => term(element));
  }
  const { selector, operator, value } = expression;
  checkSelector(selector, sample, operator, value);
  return (element) => holds(element, selector, operator, value);
}

function checkSelector(selector: readonly string[], sample: object, operator: Operator, value: string): void {
  const said = printable(selector.join('.'));
  let found: unknown = sample;
  for (const [at, name] of selector.entries()) {
    const inner: unknown = isListOfObjects(found) ? found[0] : found;
    if (at > 0 && maps.has(selector[at - 1]!) && isObject(inner)) {
      if (at < selector.length - 1) refuse(`the selector '${said}' goes too deep`);
      found = '';
      break;
    }
    if (!isObject(inner) || !Object.hasOwn(inner, name)) refuse(`the selector '${said}' is not valid`);
    found = (inner as Record<string, unknown>)[name];
  }
  const isMap = maps.has(selector.at(-1)!) && isObject(found);
  const hasContent = typeof found === 'string' || Array.isArray(found) || isMap;
  const isCompared = operator === '==' || operator === '!=';
  const isSimple = typeof found === 'string' || typeof found === 'number' || typeof found === 'boolean';
  if (isCompared ? !isSimple : !hasContent || (isListOfObjects(found) && !operator.startsWith('is')))
    refuse(`'${operator}' does not go with the selector '${said}'`);
  if (typeof found === 'number' && !/^-?\d+$/.test(value)) refuse(`'${said}' is a number`);
  if (typeof found === 'boolean' && !/^(true|false)$/.test(value)) refuse(`'${said}' is true or false`);
}

/** Of a list of objects, one that matches is enough, whatever the operator. */
function holds(value: unknown, selector: readonly string[], operator: Operator, wanted: string, at = 0): boolean {
  if (isListOfObjects(value) && at < selector.length)
    return value.some((item) => holds(item, selector, operator, wanted, at));
  if (at === selector.length) return matches(value, operator, wanted);
  const name = selector[at]!;
  const inner = isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
  // What a map does not have differs from everything, and is empty.
  if (inner === undefined) return operator === '!=' || operator === 'not contains' || operator === 'is empty';
  return holds(inner, selector, operator, wanted, at + 1);
}

function matches(value: unknown, operator: Operator, wanted: string): boolean {
  switch (operator) {
    case '==':
      return String(value) === wanted;
    case '!=':
      return String(value) !== wanted;
    case 'contains':
      return contains(value, wanted);
    case 'not contains':
      return !contains(value, wanted);
    case 'is empty':
      return isEmpty(value);
    case 'is not empty':
      return !isEmpty(value);
  }
}

/** A part of a text, an item of a list, or a name in a map. */
const contains = (value: unknown, wanted: string): boolean =>
  typeof value === 'string' || Array.isArray(value) ? value.includes(wanted) : Object.hasOwn(value as object, wanted);

const isEmpty = (value: unknown): boolean =>
  typeof value === 'string' || Array.isArray(value) ? value.length === 0 : Object.keys(value as object).length === 0;

const isListOfObjects = (value: unknown): value is object[] =>
  Array.isArray(value) && value.length > 0 && isObject(value[0]);
