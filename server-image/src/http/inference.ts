// The hot path: one infer request from its bytes to its answer.
import type { FastifyReply } from 'fastify';
import type { ServerMetrics } from '../metrics.ts';
import { parseInferRequest } from '../protocol/infer-request.ts';
import { type ModelIdentity, renderInferResponse } from '../protocol/infer-response.ts';
import { RequestError } from '../protocol/request-error.ts';
import type { Signature } from '../workers/messages.ts';
import type { WorkerPool } from '../workers/pool.ts';
import { clientLeftStatus, predictionError } from './error-answer.ts';
import { parseJsonBody } from './json-body.ts';

export type InferenceOptions = {
  readonly identity: ModelIdentity;
  readonly maxElements: number;
  readonly pool: WorkerPool;
  readonly metrics: ServerMetrics;
};

/** Counts the request and times it until its answer is sent, or its client has left. Call it when the request arrives. */
export function observeRequest(reply: FastifyReply, metrics: ServerMetrics): void {
  const arrivedAt = performance.now();
  metrics.inflight.inc();
  reply.raw.once('close', () => {
    metrics.inflight.dec();
    metrics.requests.inc({ code: reply.raw.writableFinished ? reply.raw.statusCode : clientLeftStatus });
    metrics.duration.observe((performance.now() - arrivedAt) / 1000);
  });
}

/** The JSON text of the answer. Throws RequestError and PoolError; stops waiting when the client leaves. */
export async function infer(
  { bytes, signature, reply }: { bytes: Uint8Array; signature: Signature; reply: FastifyReply },
  { identity, maxElements, pool, metrics }: InferenceOptions,
): Promise<string> {
  const request = parseInferRequest(parseJsonBody(bytes), { signature, maxElements });
  const submission = pool.submit({ rows: request.rows, inputs: request.inputs });
  reply.raw.once('close', submission.cancel);
  const { answer, waitMilliseconds } = await submission.result;
  metrics.queueWait.observe(waitMilliseconds / 1000);
  if (answer.type === 'Failed') {
    if (answer.failure.kind === 'NonFinite') metrics.nonfiniteOutputs.inc(answer.failure.rows);
    throw predictionError(answer.failure);
  }
  metrics.compute.observe(answer.prediction.computeMilliseconds / 1000);
  metrics.rows.inc(request.rows);
  return renderInferResponse(identity, request, answer.prediction.outputs);
}

/** Refuses, before its body is read, a request that would only be queued in vain. */
export function refuseWhenFull(pool: WorkerPool): void {
  if (!pool.isFull) return;
  throw new RequestError(429, `${pool.queued} requests are waiting; try again later`, { retryAfterSeconds: 1 });
}
