// Writes the attempt's result where the kubelet picks it up.
import { writeFile } from 'node:fs/promises';
import { resultMaxBytes, type TrainingResult, trainingResultSchema } from '@sluice/crds/contract.ts';
import { headOf } from '@sluice/crds/text.ts';

/** The result as JSON of at most `resultMaxBytes`: the last metrics, then the end of the message, give way. */
export function encodeResult(result: TrainingResult): string {
  const fitting = shrink(trainingResultSchema.parse(result));
  return JSON.stringify(fitting);
}

function shrink(result: TrainingResult): TrainingResult {
  if (Buffer.byteLength(JSON.stringify(result)) <= resultMaxBytes) return result;
  const { success, failure } = result;
  if (success !== undefined && success.metrics.length > 0) {
    return shrink({ success: { ...success, metrics: success.metrics.slice(0, -1) } });
  }
  if (failure !== undefined && failure.message.length > 0) {
    return shrink({ failure: { ...failure, message: headOf(failure.message, failure.message.length - 64) } });
  }
  throw new Error(`A result without metrics and message is larger than ${resultMaxBytes} bytes.`);
}

/** Writes the result to `path`. */
export async function writeResult(path: string, result: TrainingResult): Promise<void> {
  await writeFile(path, encodeResult(result));
}
