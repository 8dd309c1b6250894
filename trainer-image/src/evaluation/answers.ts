// Reads the answers out of an inference response: one per row, as the server wrote them.
import { z } from 'zod';

/** A label, a number, or null: what a server writes for a number that is not finite. */
export type Answer = string | number | null;

const responseSchema = z.object({
  outputs: z.array(z.object({ name: z.string(), data: z.array(z.unknown()) })),
});

/** One answer per row of the output; a sentence that says why not, when the body is not that. */
export function readAnswers(text: string, output: string, rows: number): readonly Answer[] | string {
  const parsed = responseSchema.safeParse(parseLenient(text));
  if (!parsed.success) return 'the answer is not that of the Open Inference Protocol';
  const data = parsed.data.outputs.find(({ name }) => name === output)?.data.flat();
  if (data === undefined) return `the answer has no output ${output}`;
  if (data.length !== rows) return `output ${output} has ${data.length} elements for ${rows} rows`;
  return data.map((value) => (typeof value === 'string' || typeof value === 'number' ? value : null));
}

/** Strings, so that they stay as they are, and the words for which JSON has no number. */
const stringOrWord = /"(?:[^"\\]|\\.)*"|-?\b(?:NaN|Infinity)\b/g;

/** JSON, or what Python's `json` and others write when a number is not finite. */
function parseLenient(text: string): unknown {
  return parseJson(text) ?? parseJson(text.replace(stringOrWord, (found) => (found.startsWith('"') ? found : 'null')));
}

/** Undefined for a text that is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
