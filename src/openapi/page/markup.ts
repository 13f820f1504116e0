/** Text as HTML, and the little of Markdown that descriptions have. */

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

export const escape = (text: string): string => text.replace(/[&<>"]/g, (character) => entities[character]!);

/** Values are escaped, unless they are markup of their own, made by this function. */
export function html(strings: TemplateStringsArray, ...values: readonly Value[]): Markup {
  const parts = values.map((value, index) => textOf(value) + strings[index + 1]!);
  return new Markup(strings[0]! + parts.join(''));
}

export class Markup {
  constructor(readonly text: string) {}
}

export type Value = string | number | Markup | false | undefined | readonly Value[];

function textOf(value: Value): string {
  if (value === undefined || value === false) return '';
  if (value instanceof Markup) return value.text;
  return typeof value === 'object' ? value.map(textOf).join('') : escape(String(value));
}

/** It scrolls if it is wider than the screen. */
export const table = (columns: readonly string[], rows: readonly Markup[]): Markup =>
  html`<div class="scroll">
    <table>
      <thead>
        <tr>
          ${columns.map((column) => html`<th>${column}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </div>`;

/** `code`, [links](https://…) and paragraphs. */
export const paragraphs = (text: string): Markup[] => text.split('\n\n').map((one) => html`<p>${inline(one)}</p>`);

/** The same without paragraphs. */
export function inline(text: string): Markup {
  const markup = escape(text)
    .replace(/`([^`]+)`/g, '<code>$1</code>')
    .replace(/\[([^\]]+)\]\((https:[^)\s]+)\)/g, '<a href="$2">$1</a>');
  return new Markup(markup);
}
