/** Whether an instance is to blame for the failure of a request. */

import { mayHaveArrived } from '../http.js';

/** Errors of a connection that was there, or that took too long to come. */
const lost = /^(ECONNRESET|EPIPE|ETIMEDOUT|UND_ERR_(SOCKET|CONNECT|CONNECT_TIMEOUT|HEADERS_TIMEOUT))$/;

/** Whether `error` is one of the connection, and not of the request or its caller. */
export const isFault = (error: unknown): boolean =>
  lost.test((error as NodeJS.ErrnoException).code ?? '') || !mayHaveArrived(error);
