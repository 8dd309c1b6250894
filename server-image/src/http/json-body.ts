// Turns the bytes of a request into JSON, or into an error a client understands.
import { badRequest, RequestError } from '../protocol/request-error.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Throws RequestError: 400, or 415 when Content-Type and bytes alike are of something else. A member named `__proto__`
 * becomes an ordinary property here and nothing ever copies members of a request into other objects, so it can poison no
 * prototype.
 */
export function parseJsonBody(bytes: Uint8Array, contentType?: string): unknown {
  try {
    return JSON.parse(utf8.decode(bytes));
  } catch (error) {
    if (!isJson(contentType) && bytes.find((byte) => byte > space) !== openingBrace) {
      throw new RequestError(415, 'the body must be JSON; send Content-Type: application/json');
    }
    throw badRequest(
      `the body is not JSON: ${error instanceof SyntaxError ? detailOf(error, bytes) : 'it is not UTF-8'}`,
    );
  }
}

const space = 0x20;
const openingBrace = 0x7b;

/** A type that promises JSON, or nothing. */
const isJson = (contentType = '') =>
  /^\s*(application\/([^;\s]+\+)?json|application\/octet-stream)?\s*(;|$)/i.test(contentType);

/** What programs write that are not strict about JSON, and what to send instead. */
const remedies: ReadonlyMap<string, string> = new Map([
  ...['NaN', 'nan', 'Infinity', 'inf'].map((word): [string, string] => [
    word,
    'JSON has finite numbers only: send null where a value is missing',
  ]),
  ['None', 'send null'],
  ['undefined', 'send null'],
  ['True', 'send true'],
  ['False', 'send false'],
  ["'", 'write names and texts in double quotes'],
]);

function detailOf(error: SyntaxError, bytes: Uint8Array): string {
  const word = firstWord(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'));
  const remedy = remedies.get(word ?? '');
  return remedy ? `it has ${word}; ${remedy}` : `${error.message}; send what a JSON library writes`;
}

/** The first word outside of strings that JSON does not have. One pass: the text may be long, and made to be slow. */
function firstWord(text: string): string | undefined {
  const word = /[A-Za-z]{1,12}|'/y;
  for (let index = 0; index < text.length; index++) {
    if (text[index] === '"') index = endOfString(text, index);
    word.lastIndex = index;
    const [found] = word.exec(text) ?? [];
    if (found === undefined) continue;
    if (!isPartOfJson(found)) return found;
    index += found.length - 1;
  }
  return undefined;
}

/** `e` stands in numbers, as in 1e5. */
const isPartOfJson = (word: string) => ['true', 'false', 'null', 'e', 'E'].includes(word);

/** Where the string that begins at `start` ends: its closing quote, or the end of the text. */
function endOfString(text: string, start: number): number {
  let index = start + 1;
  while (index < text.length && text[index] !== '"') index += text[index] === '\\' ? 2 : 1;
  return index;
}
