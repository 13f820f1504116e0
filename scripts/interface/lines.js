/** The interface as text: sections of sorted lines, one fact a line, so that a diff shows what has changed. */

import { schemaLines, typeOf } from './schemas.js';

/** @typedef {import('../completions/commands.js').Command} Command */

/** @param {Record<string, string[]>} sections  lines by title */
export const textOf = (sections) =>
  Object.entries(sections)
    .map(([title, lines]) => [`## ${title}`, '', ...[...new Set(lines)].sort(), ''].join('\n'))
    .join('\n');

/**
 * @param {Command[]} commands
 * @param {object} settings  by the names of their flags, which have a section of their own
 */
export const commandLines = (commands, settings) =>
  commands
    .filter(({ isTopic }) => !isTopic)
    .flatMap(({ words, flags, args, hasProgram }) => [
      `bender ${words}${hasProgram ? ' [-- CMD]' : ''}`,
      ...args.map(({ name, ...arg }, index) => `bender ${words} ${index + 1}:${name.toUpperCase()}${notes(arg)}`),
      ...flags
        .filter(({ name }) => words !== 'serve' || !(name in settings))
        .map((flag) => `bender ${words} --${flag.name}${takes(flag)}${notes(flag)}`),
    ]);

const takes = ({ takes }) => (takes === undefined ? '' : ` ${takes}`);

function notes({ name, char, values = [], repeats, required, hasNo, variable, fallback }) {
  return [
    ...(char ? [`-${char}`] : []),
    ...(hasNo ? [`--no-${name}`] : []),
    ...(values.length > 0 ? [values.join('|')] : []),
    ...(variable ? [`$${variable}`] : []),
    ...(['string', 'number'].includes(typeof fallback) ? [`default ${fallback}`] : []),
    ...(repeats ? ['repeats'] : []),
    ...(required ? ['required'] : []),
  ]
    .map((note) => `, ${note}`)
    .join('');
}

/** Variables of the commands, those of settings left out: what their helps name. */
export function variableLines(commands, settings, environmentName) {
  const ofSettings = new Set(Object.keys(settings).map(environmentName));
  const texts = commands.flatMap(({ words, description, flags }) => [
    description,
    ...flags.filter(({ name }) => words !== 'serve' || !(name in settings)).map(flagText),
  ]);
  const named = texts.flatMap((text) => text.match(/\bBENDER_[A-Z_]*[A-Z]\b/g) ?? []);
  return named.map((name) => (ofSettings.has(name) ? `${name} (also a setting)` : name));
}

const flagText = ({ description, variable = '' }) => `${description} ${variable}`;

export const settingLines = (settings, environmentName) =>
  Object.entries(settings).map(
    ([name, { placeholder, fallback, repeats, isSwitch, parse }]) =>
      `${name}: --${name}${isSwitch ? '' : ` ${placeholder}`}, $${environmentName(name)}${valuesOf(parse)}, default ${JSON.stringify(fallback) ?? 'none'}${repeats ? ', repeats' : ''}`,
  );

/** The values that a setting may have, if it has bounds: it names them when it is given a number above all. */
function valuesOf(parse) {
  try {
    parse(Number.MAX_VALUE);
  } catch ({ message }) {
    const [, values] = /\b(from \d+ to \d+(?: ms)?|one of [^']+), not /.exec(message) ?? [];
    return values ? `, ${values}` : '';
  }
  return '';
}

export const exitCodeLines = (exitCodes, unhealthy) => [
  ...Object.entries(exitCodes).map(([code, exitCode]) => `${exitCode} ${code}`),
  `${unhealthy} (unhealthy)`,
];

export const accessLines = (table) =>
  Object.entries(table).map(([route, { need, apps }]) => `${route}: ${need}${apps ? `, apps in ${apps}` : ''}`);

/** What each operation takes and returns. */
export const operationLines = ({ paths, components }) =>
  Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).flatMap(([method, { parameters = [], requestBody, responses }]) => {
      const route = `${method.toUpperCase()} ${path}`;
      return [
        ...parameters.map(
          ({ in: place, name, required, schema }) =>
            `${route} ${place} ${name}: ${typeOf(schema)}${required ? ', required' : ''}`,
        ),
        ...(requestBody ? contents(requestBody).map((content) => `${route} body: ${content}`) : []),
        ...resultLines(route, responses, components),
      ];
    }),
  );

/** The statuses whose body is the error of that status share a line. */
function resultLines(route, responses, components) {
  const results = Object.entries(responses).map(([status, response]) => {
    const { content = {} } = response.$ref ? components.responses[response.$ref.replace(/.*\//, '')] : response;
    return { status, bodies: contents({ content }) };
  });
  const isError = ({ status, bodies }) => bodies.join() === `application/json Error${status}`;
  return [
    `${route} errors: ${results
      .filter(isError)
      .map(({ status }) => status)
      .join(', ')}`,
    ...results
      .filter((result) => !isError(result))
      .flatMap(({ status, bodies }) =>
        bodies.length > 0 ? bodies.map((body) => `${route} ${status}: ${body}`) : [`${route} ${status}`],
      ),
  ];
}

const contents = ({ content }) =>
  Object.entries(content).map(([type, { schema }]) => `${type}${schema ? ` ${typeOf(schema)}` : ''}`);

export const keyLines = ({ components }) => schemaLines(components.schemas);

export const metricLines = (metrics) =>
  metrics.map(
    ({ name, type, labelNames }) =>
      `${name}: ${type}${labelNames.length > 0 ? `, labels ${[...labelNames].sort().join(', ')}` : ''}`,
  );
