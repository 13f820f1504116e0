/** Masks text that is likely to be secret, for errors and logs. */

/**
 * `text` without the user name and password of URLs in it, and without tokens.
 *
 *     withoutCredentials('http://user:s3cret@10.0.0.1:1729') // http://***@10.0.0.1:1729
 */
export const withoutCredentials = (text: string): string => withoutTokens(text.replace(/\/\/[^\s'"]*@/g, '//***@'));

/** `text` with the secrets of tokens masked. The beginning of one is a secret, too. */
export const withoutTokens = (text: string): string => text.replace(/(bender_[0-9a-f]{1,8}_)[\w-]+/g, '$1***');

/** Variables that are hidden from the programs that bender starts. */
const secretVariables: readonly string[] = ['BENDER_TOKEN'];

/** Variables with URLs, in which there may be passwords. */
const urlVariables: readonly string[] = ['BENDER_SERVER', 'BENDER_PEER'];

/** `environment` without secrets, for programs that bender starts. */
export function withoutSecrets(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const child = { ...environment };
  for (const name of secretVariables) delete child[name];
  for (const name of urlVariables) {
    const urls = child[name];
    if (urls !== undefined) child[name] = urls.replace(/\/\/[^\s,]*@/g, '//');
  }
  return child;
}
