// Writes a request's body as JSON that means the same to a reader of YAML 1.1: what is sent as `apply-patch+yaml` is read
// as such, and that refuses what JSON allows (C1 controls, U+2028, U+FEFF, escaped surrogates).

/** Escapes of half a character. Any other escape is taken with its backslash, so that an escaped backslash hides none. */
const escapes = /\\(u[dD][89a-fA-F][0-9a-fA-F]{2}|.)/g;

/** What YAML calls unprintable, or reads as a line break or a byte order mark. */
const unprintable = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g;

const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** As `JSON.stringify`, but halves of characters are replaced by U+FFFD, as the apiserver does where it reads JSON. */
export function wireJson(body: object): string {
  return JSON.stringify(body)
    .replace(escapes, (all, after: string) => (after.length > 1 ? '\\ufffd' : all))
    .replace(unprintable, escaped);
}

/** The body as the apiserver has it when it has read it. */
export const asStored = <Body extends object>(body: Body): Body => JSON.parse(wireJson(body)) as Body;
