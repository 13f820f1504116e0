/**
 * Text without characters that control a terminal or are invisible: controls, bidi marks, zero-width characters, line
 * separators.
 */
export const visible = /^[^\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]+$/u;
