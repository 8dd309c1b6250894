// Turns the bytes of a request into JSON, or into an error a client understands.
import { badRequest } from '../protocol/request-error.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Throws RequestError (400). A member named `__proto__` becomes an ordinary property here and nothing ever copies members
 * of a request into other objects, so it can poison no prototype.
 */
export function parseJsonBody(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(utf8.decode(bytes));
  } catch (error) {
    const detail = error instanceof SyntaxError ? error.message : 'it is not UTF-8';
    throw badRequest(`the body is not JSON: ${detail}`);
  }
}
