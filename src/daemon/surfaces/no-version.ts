/** The version of what is registered by a client whose protocol knows none, and that does not say one. */
export const noVersion = '0.0.0';
