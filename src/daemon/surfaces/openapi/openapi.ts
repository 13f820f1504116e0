/** Serves the description of the API and the page made of it, which the build has put into dist/openapi. */

import type { Answer, ApiRequest } from '../../http/route.js';
import { assetAnswer, immutable, keptAssets, policyFor, revalidated } from '../assets.js';
import type { OpenSurface } from '../surface.js';

const page = 'docs.html';
const description = 'openapi.json';

/** The page has a style sheet, and no scripts. */
const policy = policyFor('style');

export const open: OpenSurface<'GET /openapi.json' | 'GET /docs' | 'GET /docs/:file'> = () => {
  const assets = keptAssets('openapi');
  const serve = async (
    name: string,
    headers: ApiRequest['headers'],
    extra: Readonly<Record<string, string>>,
  ): Promise<Answer> => assetAnswer(await assets(), name, headers, extra);
  return {
    handlers: {
      'GET /openapi.json': ({ headers }) => serve(description, headers, revalidated),
      'GET /docs': ({ headers }) => serve(page, headers, { ...revalidated, 'content-security-policy': policy }),
      // The page and the description have addresses of their own.
      'GET /docs/:file': ({ params: { file }, headers }) =>
        serve(file.endsWith('.css') ? file : `docs/${file}`, headers, immutable),
    },
    // No route of it says what is online.
    keep: () => ({ status: 503 }),
  };
};
