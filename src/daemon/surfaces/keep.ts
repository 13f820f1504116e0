/** "Keep what you have", for clients that keep it if the status is not 200. */

import { NotReadyError } from '../../model/errors.js';
import type { Answer } from '../http/route.js';

const why = new NotReadyError(
  'this daemon cannot tell for sure what is online: keep what you have, or ask another one',
);

export const keptBy503 = (): Answer => ({
  status: 503,
  headers: { 'retry-after': '1' },
  body: { code: why.code, message: why.message },
});
