/**
 * Reads filter expressions: https://developer.hashicorp.com/consul/api-docs/features/filtering.
 *
 *     Service.Meta.zone == "eu" and not ("canary" in Service.Tags or Checks.Status == critical)
 */

import { printable } from '../../../model/printable.js';
import { ConsulError } from './refusal.js';

export type Operator = '==' | '!=' | 'contains' | 'not contains' | 'is empty' | 'is not empty';

export type Expression =
  | { kind: 'and' | 'or'; terms: Expression[] }
  | { kind: 'not'; term: Expression }
  | { kind: 'match'; selector: string[]; operator: Operator; value: string };

/** Characters of an expression, and how deep it may be nested. */
const longest = 2000;
const deepest = 32;

interface Token {
  text: string;
  /** What the quotes enclose. */
  quoted?: string;
}

const tokenShape = /\s*(?:("(?:[^"\\]|\\.)*"|`[^`]*`)|([()]|==|!=)|((?:[^\s()"`=![\]]|\["[^"]*"\])+))/y;

export const refuse = (why: string): never => {
  throw new ConsulError(400, `Failed to create boolean expression evaluator: ${why}`);
};

/** Throws {@link ConsulError} for what is not understood: a filter that is ignored would select everything. */
export function parseFilter(text: string): Expression {
  if (text.length > longest) refuse(`it has more than ${longest} characters`);
  const tokens = [...tokensOf(text)];
  let at = 0;
  const next = (): Token | undefined => tokens[at];
  const is = (word: string): boolean => next()?.quoted === undefined && next()?.text === word;
  const take = (word: string): boolean => is(word) && at++ >= 0;
  const taken = (what: string): Token => tokens[at++] ?? refuse(`${what} is missing at its end`);

  const or = (depth: number): Expression => listOf('or', () => and(depth));
  const and = (depth: number): Expression => listOf('and', () => not(depth));
  const listOf = (kind: 'and' | 'or', term: () => Expression): Expression => {
    const terms = [term()];
    while (take(kind)) terms.push(term());
    return terms.length === 1 ? terms[0]! : { kind, terms };
  };
  const not = (depth: number): Expression => {
    if (depth > deepest) refuse('it is nested too deeply');
    if (take('not')) return { kind: 'not', term: not(depth + 1) };
    if (!take('(')) return match();
    const inner = or(depth + 1);
    if (!take(')')) refuse("a ')' is missing");
    return inner;
  };
  const match = (): Expression => {
    const first = taken('a selector');
    const isNegated = is('not');
    if (isNegated) at++;
    const operator = taken('an operator').text;
    if (operator === 'in')
      return {
        kind: 'match',
        selector: selectorIn(taken('a selector')),
        operator: negated(isNegated),
        value: valueOf(first),
      };
    const selector = selectorIn(first);
    if (operator === 'contains')
      return { kind: 'match', selector, operator: negated(isNegated), value: valueOf(taken('a value')) };
    if (operator === 'is' && !isNegated) {
      const isNot = take('not');
      if (!take('empty')) refuse("'is' goes with 'empty' or 'not empty'");
      return { kind: 'match', selector, operator: isNot ? 'is not empty' : 'is empty', value: '' };
    }
    if (isNegated || (operator !== '==' && operator !== '!='))
      refuse(`the operator '${printable(operator)}' is not supported`);
    return { kind: 'match', selector, operator: operator as Operator, value: valueOf(taken('a value')) };
  };

  const expression = or(0);
  if (next()) refuse(`'${printable(next()!.text)}' is not expected there`);
  return expression;
}

const negated = (isNegated: boolean): Operator => (isNegated ? 'not contains' : 'contains');

const valueOf = ({ text, quoted }: Token): string => quoted ?? text;

function* tokensOf(text: string): Iterable<Token> {
  tokenShape.lastIndex = 0;
  for (let from = 0; text.slice(from).trim() !== ''; from = tokenShape.lastIndex) {
    const [, quoted, sign, word] =
      tokenShape.exec(text) ?? refuse(`'${printable(text.slice(from))}' is not understood`);
    if (quoted !== undefined) yield { text: quoted, quoted: unquoted(quoted) };
    else yield { text: (sign ?? word)! };
  }
}

const unquoted = (text: string): string =>
  text.startsWith('`') ? text.slice(1, -1) : text.slice(1, -1).replace(/\\(.)/g, '$1');

/** `Service.Meta.zone`, `Service.Meta["zone"]`, or a JSON pointer in quotes: `"/Service/Meta/zone"`. */
function selectorIn({ text, quoted }: Token): string[] {
  if (quoted !== undefined) {
    if (!quoted.startsWith('/')) refuse(`'${printable(quoted)}' is no selector`);
    return quoted
      .slice(1)
      .split('/')
      .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  }
  const parts = [...text.matchAll(/\["([^"]*)"\]|[^.[\]]+/g)].map(([whole, name]) => name ?? whole);
  return parts.length > 0 ? parts : refuse(`'${printable(text)}' is no selector`);
}
