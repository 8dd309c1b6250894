// Reads the document that a pod of ours leaves in its termination message. A pod may leave anything there.
import type { z } from 'zod';

/** @returns undefined for anything that is not the document of the contract, such as log lines. */
export function parseDocument<T>(message: string | undefined, schema: z.ZodType<T>): T | undefined {
  if (message === undefined || !message.trimStart().startsWith('{')) return undefined;
  let json: unknown;
  try {
    json = JSON.parse(message);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  const parsed = schema.safeParse(json);
  return parsed.success ? parsed.data : undefined;
}
