// Decides exit code and termination message of an evaluation, and fits the message into what the kubelet keeps.
import { exitCodes, resultMaxBytes } from '@sluice/crds/contract.ts';
import {
  type EvaluationCounts,
  type EvaluationResult,
  evaluationResultSchema,
} from '@sluice/crds/evaluation-contract.ts';
import { classifyError, StoppedError } from './failure.ts';

/** How the evaluator ends: without a result only when it was told to stop. */
export type Ending = { readonly exitCode: number; readonly result: EvaluationResult | undefined };

export const completed = (success: EvaluationCounts): Ending => ({ exitCode: exitCodes.complete, result: { success } });

/** The ending after an error. A class that has no exit code of its own is told by the message alone. */
export function failedBy(error: unknown): Ending {
  if (error instanceof StoppedError) return { exitCode: exitCodes.drained, result: undefined };
  const failure = classifyError(error);
  const exitCode = new Map<string, number>(Object.entries(exitCodes)).get(failure.class) ?? exitCodes.Internal;
  return { exitCode, result: { failure } };
}

/** The result as JSON of at most `resultMaxBytes`: what the schema allows fits, so anything larger is a defect. */
export function encodeResult(result: EvaluationResult): string {
  const text = JSON.stringify(evaluationResultSchema.parse(result));
  if (Buffer.byteLength(text) > resultMaxBytes) throw new Error(`The result is larger than ${resultMaxBytes} bytes.`);
  return text;
}
