/** Serves the files of the dashboard, which the build has put together from src/ui. */

import type { Answer, ApiRequest } from '../../http/route.js';
import { assetAnswer, immutable, keptAssets, policyFor, revalidated } from '../assets.js';
import type { OpenSurface } from '../surface.js';

const entry = 'index.html';

/** Only what this daemon serves may run, be shown or be asked. */
const policy = policyFor('script', 'style', 'img', 'connect');

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
