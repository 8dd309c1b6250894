// The evaluator as a one-shot program: how its counts are read, and what is said of its ends and of its waits.
import { type EvaluationCounts, evaluationResultSchema } from '@sluice/crds/evaluation-contract.ts';
import type { Program } from '../pods/one-shot/program.ts';
import type { Wish } from '../pods/one-shot/waiting.ts';
import { parseDocument } from '../pods/termination-message.ts';

/** What its pod asks for: the whole holdout is held in memory. */
export const evaluatorResources = { cpu: '100m', memory: { request: '256Mi', limit: '1Gi' } } as const;

export const evaluator: Program<EvaluationCounts> = {
  container: 'evaluator',
  called: 'the evaluator',
  result({ exitCode, message }) {
    const counts = exitCode === 0 ? parseDocument(message, evaluationResultSchema)?.success : undefined;
    return counts !== undefined && addsUp(counts) ? counts : undefined;
  },
  told: ({ message }) => parseDocument(message, evaluationResultSchema)?.failure,
  outOfMemory: 'the kernel killed the evaluator: the dataset is too large for it, use fewer rows',
  // It has no user code: what has no class is a fault of ours.
  unknownCode: 'Internal',
  resumes: false,
  quoted: 120,
};

export const evaluatorWish = (jobName: string): Wish => ({
  jobName,
  container: evaluator.container,
  image: 'the trainer image',
  memory: { amount: evaluatorResources.memory.request },
  cpu: { amount: evaluatorResources.cpu },
  scheduling: 'server.scheduling',
});

/** Counts that contradict themselves are no evidence. */
const addsUp = ({ data, n, outcome }: EvaluationCounts): boolean => n <= data.rows && (rowsOf(outcome) ?? n) === n;

/** The rows in the table; sums of errors have none. */
function rowsOf(outcome: EvaluationCounts['outcome']): number | undefined {
  if (outcome.type === 'Classes') return outcome.right + outcome.wrong;
  if (outcome.type !== 'PairedClasses') return undefined;
  return outcome.bothRight + outcome.candidateOnly + outcome.liveOnly + outcome.bothWrong;
}
