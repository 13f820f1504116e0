/** How one schema of the description names another. */

export const refPrefix = '#/components/schemas/';

export const refToSchema = (name: string): { $ref: string } => ({ $ref: `${refPrefix}${name}` });

/** A list of what the named schema describes. */
export const listOf = (name: string) => ({ type: 'array', items: refToSchema(name) }) as const;
