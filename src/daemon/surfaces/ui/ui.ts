/** Serves the files of the dashboard, which the build has put together from src/ui. */

import { NotFoundError } from '../../../model/errors.js';
import { printable } from '../../../model/printable.js';
import { madeAnswer } from '../../http/made-answer.js';
import type { Answer, ApiRequest } from '../../http/route.js';
import type { OpenSurface } from '../surface.js';
import { keptAssets } from './assets.js';

const entry = 'index.html';

/**
 * Only what this daemon serves may run, be shown or be asked; no page may frame it, and no form of it goes anywhere.
 * The policy stands beside that of every answer (safety-headers.ts), and browsers apply both.
 */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

export const open: OpenSurface<'GET /ui' | 'GET /ui/:file'> = () => {
  const assets = keptAssets();
  const serve = async (name: string, headers: ApiRequest['headers']): Promise<Answer> => {
    const asset = (await assets()).get(name);
    if (!asset) throw new NotFoundError(`the dashboard has no file '${printable(name)}'`);
    const isZipped = asset.zipped !== undefined && /\bgzip\b/.test(String(headers['accept-encoding'] ?? ''));
    return madeAnswer(isZipped ? asset.zipped! : asset.plain, headers, {
      'content-type': asset.type,
      // The name of every other file has a hash of its content.
      'cache-control': name === entry ? 'no-cache' : 'public, max-age=31536000, immutable',
      vary: 'accept-encoding',
      'referrer-policy': 'no-referrer',
      ...(isZipped && { 'content-encoding': 'gzip' }),
      ...(name === entry && { 'content-security-policy': policy }),
    });
  };
  return {
    handlers: {
      'GET /ui': ({ headers }) => serve(entry, headers),
      'GET /ui/:file': ({ params, headers }) => serve(params.file, headers),
    },
    // No route of it says what is online.
    keep: () => ({ status: 503 }),
  };
};
