/**
 * Text in which nothing is obeyed by a terminal or not seen: no controls, bidi marks, zero-width characters, line
 * separators.
 */
export const visible = /^[^\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]+$/u;
