// Asks one side about some rows. A server may refuse all of them because the model has no finite answer to a few: those rows
// have their answer, null, and the others are asked again without them.
import { nonFiniteAnswerSchema, nonFiniteStatus } from '@sluice/crds/contract.ts';
import { type Answer, parseJson, readAnswers } from './answers.ts';
import type { Endpoint, Reply } from './endpoint.ts';
import type { RequestWriter } from './inputs.ts';

export type Question = {
  readonly endpoint: Pick<Endpoint, 'infer'>;
  readonly write: RequestWriter;
  /** The output that is compared with the target. */
  readonly output: string;
};

/** One answer for each of the rows, or a sentence that says why there are none. */
export async function askAbout(question: Question, rows: readonly number[]): Promise<readonly Answer[] | string> {
  const reply = await ask(question, rows);
  const nonFinite = nonFiniteRows(reply, rows.length);
  if (nonFinite === undefined) return readReply(reply, question.output, rows.length);
  const others = rows.filter((_, place) => !nonFinite.has(place));
  const answers = others.length === 0 ? [] : readReply(await ask(question, others), question.output, others.length);
  if (typeof answers === 'string') return answers;
  const next = answers[Symbol.iterator]();
  return rows.map((_, place) => (nonFinite.has(place) ? null : (next.next().value ?? null)));
}

const ask = ({ endpoint, write }: Question, rows: readonly number[]): Promise<Reply> => endpoint.infer(write(rows));

/** Places of the rows without a finite answer; undefined when the reply names none of the rows that were asked. */
function nonFiniteRows(reply: Reply, asked: number): ReadonlySet<number> | undefined {
  if (reply.type !== 'Answered' || reply.status !== nonFiniteStatus) return undefined;
  const parsed = nonFiniteAnswerSchema.safeParse(parseJson(reply.text));
  const places = parsed.success ? parsed.data.nonfinite_rows.filter((place) => place < asked) : [];
  return places.length === 0 ? undefined : new Set(places);
}

function readReply(reply: Reply, output: string, rows: number): readonly Answer[] | string {
  if (reply.type === 'Unanswered') return reply.why;
  return reply.status === 200 ? readAnswers(reply.text, output, rows) : `status ${reply.status}: ${reply.text}`;
}
