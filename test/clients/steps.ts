// What a client did, step by step, and what of it must not be so.
import { z } from 'zod';

const stepSchema = z.object({ step: z.string(), outcome: z.enum(['Answered', 'Refused']), said: z.string() });
export type Step = z.output<typeof stepSchema>;

/** The lines that a client's program printed. */
export const readSteps = (text: string): Step[] =>
  text
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => stepSchema.parse(JSON.parse(line)));

/** Every client must be able to do these. */
const required = ['ready', 'metadata', 'infer people', 'infer digits'];

/** An error that a client passes on: a sentence of ours, in which a remedy or what there is stands. */
const readable =
  /send |must be|leave it out|must have|use |are offered|loaded by a ModelDeployment|is not one of|is missing|larger than|this server has|are not offered|double quotes/;

/** What is wrong with a client's steps, as sentences; empty when it can do all that it must. */
export function problemsOf(steps: readonly Step[]): string[] {
  const missing = required.filter((name) => !steps.some(({ step }) => step === name));
  const wrong = steps.flatMap(({ step, outcome, said }) => {
    if (!step.startsWith('refuse')) return outcome === 'Answered' ? [] : [`${step}: refused: ${said}`];
    if (outcome === 'Answered') return [`${step}: answered: ${said}`];
    return readable.test(said) ? [] : [`${step}: the client shows no remedy: ${said}`];
  });
  return [...missing.map((name) => `${name}: not tried`), ...wrong];
}
