/** Which trace a request is part of, as W3C Trace Context says it. */

/** `00-TRACE-SPAN-FLAGS`, in lower case. Later versions may have more behind that. */
const form = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-[\w-]{1,100})?$/;

/** The header and the variable (TRACEPARENT) have this form; undefined for anything else. */
export const asTraceparent = (given: unknown): string | undefined =>
  typeof given === 'string' && form.test(given) ? given : undefined;
