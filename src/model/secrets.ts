/** What is likely to be a secret, and is repeated in no error and no log. */

/**
 * `text` without the user name and password of URLs in it.
 *
 *     withoutCredentials('http://user:s3cret@10.0.0.1:1729') // http://***@10.0.0.1:1729
 */
export const withoutCredentials = (text: string): string => text.replace(/\/\/[^\s'"]*@/g, '//***@');
