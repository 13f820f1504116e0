/** The argument that names a context. */

import { InvalidError } from '../../model/errors.js';
import { Args } from '../oclif.js';

export const contextArg = Args.string({
  required: true,
  ignoreStdin: true,
  description: 'The name of the context.',
  parse: async (name) => {
    if (/^[\w.@-]{1,64}$/.test(name) && !['__proto__', 'constructor', 'prototype'].includes(name)) return name;
    throw new InvalidError("the name of a context must have 1 to 64 letters, digits and any of '._@-'");
  },
});
