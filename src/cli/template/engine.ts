/** The template language: Liquid, strict about what it does not know. See docs/templates.md. */

import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Liquid } from 'liquidjs';
import { InvalidError } from '../../model/errors.js';
import type { TemplateData } from './data.js';
import { hostname, ip, slug } from './slug.js';

export { slug };

/** ms that one rendering may take. */
const renderMs = 10_000;

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EACCES: 'no permission',
  EISDIR: 'it is a folder',
};

const reasonOf = ({ code = '', message }: NodeJS.ErrnoException): string => reasons[code] ?? message;

export interface Engine {
  /** Throws {@link InvalidError}, with line and column, for what is no template. */
  check(): Promise<void>;
  /** The same, and for what the data do not have. */
  render(data: TemplateData): Promise<string>;
}

/** The template in the file `source`, which is read anew each time: an edit counts from the next rendering on. */
export function engineFor(source: string): Engine {
  const liquid = new Liquid({
    root: dirname(source),
    strictVariables: true,
    strictFilters: true,
    // `{% if registration.meta.zone %}` and `| default:` ask whether something is there.
    lenientIf: true,
    ownPropertyOnly: true,
    // A template that goes round in circles is to end, and be told of.
    renderLimit: renderMs,
  });
  liquid.registerFilter('slug', slug);
  liquid.registerFilter('hostname', hostname);
  liquid.registerFilter('ip', ip);
  const attempt = async <T>(what: (text: string) => T | Promise<T>): Promise<T> => {
    const text = await readFile(source, 'utf8').catch((error: Error) => {
      throw new InvalidError(`cannot read the template ${source}: ${reasonOf(error)}`, { cause: error });
    });
    try {
      return await what(text);
    } catch (error) {
      throw new InvalidError(`${source}: ${(error as Error).message}`, { cause: error });
    }
  };
  return {
    check: async () => void (await attempt((text) => liquid.parse(text))),
    render: (data) => attempt(async (text) => (await liquid.parseAndRender(text, data)) as string),
  };
}
