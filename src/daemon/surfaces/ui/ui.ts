/** Serves the files of the dashboard, which the build has put together from src/ui. */

import type { Answer, ApiRequest } from '../../http/route.js';
import { assetAnswer, immutable, keptAssets, revalidated } from '../assets.js';
import type { OpenSurface } from '../surface.js';

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
  const assets = keptAssets('ui');
  const serve = async (name: string, headers: ApiRequest['headers']): Promise<Answer> =>
    assetAnswer(
      await assets(),
      name,
      headers,
      name === entry ? { ...revalidated, 'content-security-policy': policy } : immutable,
    );
  return {
    handlers: {
      'GET /ui': ({ headers }) => serve(entry, headers),
      'GET /ui/:file': ({ params, headers }) => serve(params.file, headers),
    },
    // No route of it says what is online.
    keep: () => ({ status: 503 }),
  };
};
