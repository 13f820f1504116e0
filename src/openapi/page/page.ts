/** The description as a page: one file of HTML and one of CSS, without scripts. */

import type {
  DescribedOperation,
  DescribedParameter,
  DescribedResponse,
  Description,
  MediaType,
} from '../description.js';
import { escape, html, inline, type Markup, paragraphs, table, type Value } from './markup.js';
import { tableOf, typeOf } from './schema-view.js';

/** @param style  the address of the style sheet */
export function pageOf(description: Description, style: string): string {
  const { info, tags, paths, components } = description;
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  );
  const groups = tags.map((tag) => ({
    ...tag,
    operations: operations.filter(({ operation }) => operation.tags.includes(tag.name)),
  }));
  const codes = Object.entries(components.responses);
  const body = html`<nav aria-label="Contents">
      <p class="brand"><a href="#top">bender ${info.version}</a></p>
      ${groups.map(
        ({ name, operations }) =>
          html`<h2><a href="#tag-${name}">${name}</a></h2>
            <ul>
              ${operations.map(
                ({ method, operation }) =>
                  html`<li>
                    <a href="#${operation.operationId}"
                      ><span class="method ${method}">${method}</span>${operation.summary}</a
                    >
                  </li>`,
              )}
            </ul>`,
      )}
      <h2><a href="#errors">Errors</a></h2>
      <h2><a href="#schemas">Schemas</a></h2>
    </nav>
    <main id="top">
      <h1>The HTTP API of bender</h1>
      ${paragraphs(info.description)}
      <p>For tools: <a href="/openapi.json">/openapi.json</a>, as OpenAPI 3.1.</p>
      ${groups.map(
        ({ name, description, operations }) =>
          html`<section id="tag-${name}">
            <h2>${name}</h2>
            <p>${inline(description)}</p>
            ${operations.map(({ method, path, operation }) => operationView(method, path, operation))}
          </section>`,
      )}
      <section id="errors">
        <h2>Errors</h2>
        <p>
          Every error has a body with <code>code</code> and <code>message</code>. Codes do not change; messages are for
          people.
        </p>
        ${table(
          ['status', 'when', 'example'],
          codes.map(([name, response]) => errorRow(name.slice('Error'.length), response)),
        )}
      </section>
      <section id="schemas">
        <h2>Schemas</h2>
        ${Object.entries(components.schemas)
          .filter(([name]) => !/^Error\d/.test(name))
          .map(
            ([name, schema]) =>
              html`<article id="schema-${name}">
                <h3>${name}</h3>
                ${tableOf(schema)}
              </article>`,
          )}
      </section>
    </main>`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>bender: HTTP API</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="stylesheet" href="${escape(style)}">
</head>
<body>
${body.text}
</body>
</html>
`;
}

function operationView(method: string, path: string, operation: DescribedOperation): Markup {
  const { operationId, summary, description, security, parameters = [], requestBody, responses } = operation;
  const content = requestBody?.content['application/json'];
  const roles = Object.values(security[0] ?? {})[0];
  const results = Object.entries(responses).filter(
    (one): one is [string, DescribedResponse] => 'description' in one[1],
  );
  const errors = Object.entries(responses).filter(([, response]) => '$ref' in response);
  return html`<article id="${operationId}">
    <h3><a href="#${operationId}">${summary}</a></h3>
    <p class="route"><span class="method ${method}">${method}</span><code>${path}</code></p>
    ${description !== undefined && paragraphs(description)}
    <p class="faint">${roles ? html`Role: ${roles.join(', ')}` : 'Needs no token'}</p>
    ${parameters.length > 0 && parametersView(parameters)}
    ${
      content &&
      html`<h4>Body${requestBody.required ? '' : ', optional'}: ${typeOf(content.schema)}</h4>
        ${examplesOf(content).map(
          ([title, value]) =>
            html`<figure>
              <figcaption>${title}</figcaption>
              <pre tabindex="0">${value}</pre>
            </figure>`,
        )}`
    }
    ${results.map(([status, response]) => resultView(status, response))}
    <p class="faint">
      Errors: ${errors.map(([status], index) => html`${index > 0 && ', '}<a href="#error-${status}">${status}</a>`)}
    </p>
  </article>`;
}

function parametersView(parameters: readonly DescribedParameter[]): Markup {
  const rows = parameters.map(
    ({ name, in: place, required, schema, description, example }) =>
      html`<tr>
        <td>
          <code>${name}</code>
          <span class="faint">${place}${place !== 'path' && required ? ', required' : ''}</span>
        </td>
        <td>${typeOf(schema)}${defaultOf(schema)}</td>
        <td>
          ${inline(description)}${example !== undefined && html` <span class="faint">Example: <code>${asWritten(example)}</code></span>`}
        </td>
      </tr>`,
  );
  return table(['parameter', 'type', 'meaning'], rows);
}

function resultView(status: string, { description, headers, content = {} }: DescribedResponse): Markup {
  const [[type, media] = []] = Object.entries(content);
  const names = Object.keys(headers).filter((name) => name !== 'X-Bender');
  const isJson = type === 'application/json';
  return html`<h4>${status}${media && html`: ${isJson ? typeOf(media.schema) : html`<code>${type}</code>`}`}</h4>
    <p>
      ${inline(description)}${names.length > 0 && html` <span class="faint">Headers: ${names.map((name, index) => html`${index > 0 && ', '}<code>${name}</code>`)}</span>`}
    </p>
    ${media && media.example !== '' && html`<pre tabindex="0">${shown(media.example)}</pre>`}`;
}

const errorRow = (status: string, { description, content }: DescribedResponse): Markup =>
  html`<tr id="error-${status}">
    <td>${status}</td>
    <td>${inline(description)}</td>
    <td><code>${JSON.stringify(content!['application/json']!.example)}</code></td>
  </tr>`;

const examplesOf = ({ examples = {} }: MediaType): [string, string][] =>
  Object.values(examples).map((one) => [(one as { summary?: string }).summary ?? '', shown(one.value)]);

const defaultOf = ({ default: value }: { default?: unknown }): Value =>
  value !== undefined && html`, default <code>${asWritten(value)}</code>`;

/** As it stands in a URL: a list with commas, an object as parameters of their own. */
const asWritten = (value: unknown): string =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.entries(value)
        .map((pair) => pair.join('='))
        .join('&')
    : String(value);

const shown = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value, null, 2));
