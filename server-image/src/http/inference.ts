// The hot path: one infer request from its bytes to its answer.
import { predictedHeader } from '@sluice/crds/contract.ts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ServerMetrics } from '../metrics.ts';
import { jsonLengthHeader, splitBody } from '../protocol/binary-body.ts';
import { parseInferRequest } from '../protocol/infer-request.ts';
import { type InferResponse, type ModelIdentity, renderInferResponse } from '../protocol/infer-response.ts';
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

export type Inference = {
  /** The body as it is without compression. */
  readonly bytes: Uint8Array;
  readonly headers: FastifyRequest['headers'];
  readonly signature: Signature;
  readonly reply: FastifyReply;
};

/** The answer. Throws RequestError and PoolError; stops waiting when the client leaves. */
export async function infer(
  { bytes, headers, signature, reply }: Inference,
  { identity, maxElements, pool, metrics }: InferenceOptions,
): Promise<InferResponse> {
  const { json, rest } = splitBody(bytes, headers[jsonLengthHeader]);
  const body = parseJsonBody(json, headers['content-type']);
  const request = parseInferRequest(body, { signature, maxElements }, rest);
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

/** Sends the answer: JSON, or JSON and bytes with the header that says where they begin. */
export function sendAnswer(reply: FastifyReply, { json, binary }: InferResponse): FastifyReply {
  reply.header(predictedHeader, 'true');
  if (binary.length === 0) return reply.header('content-type', 'application/json').send(json);
  const head = Buffer.from(json);
  return reply
    .header('content-type', 'application/octet-stream')
    .header(jsonLengthHeader, String(head.length))
    .send(Buffer.concat([head, ...binary]));
}
