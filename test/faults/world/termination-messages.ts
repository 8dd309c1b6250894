// What played trainers, evaluators and verifiers leave in their termination message, by the contract with the operator.
import { createHash } from 'node:crypto';
import { exitCodes, type TrainingResult } from '@sluice/crds/contract.ts';
import {
  type EvaluationCounts,
  type EvaluationResult,
  evaluationOrderSchema,
} from '@sluice/crds/evaluation-contract.ts';
import { trainingOrderSchema } from '@sluice/crds/training-order.ts';
import { orderOf, type PlayedNamespace, type Pod } from './played-namespace.ts';

/** How a container ends. */
export interface ContainerEnd {
  readonly exitCode: number;
  readonly reason: string;
  readonly message: string;
}

const digestOf = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`;

/** A bundle is known by its digest, which depends on the name of the job alone: the same in every run. */
export function trainerEnd(pod: Pod, { behaviour }: PlayedNamespace): ContainerEnd {
  const { owner, attempt } = trainingOrderSchema.parse(orderOf(pod));
  const job = owner.name;
  if (behaviour.outOfMemory.includes(`${job}/${attempt}`)) {
    const failure = { class: 'OutOfMemory', message: 'the training process was killed for its memory' } as const;
    return ended(exitCodes.OutOfMemory, { failure } satisfies TrainingResult);
  }
  const digest = digestOf(`bundle of ${job}`);
  const success: TrainingResult['success'] = {
    bundle: {
      digest,
      specDigest: digestOf(`spec of ${job}`),
      directory: digest.replace(':', '-'),
      format: 'TFJSLayers',
      bytes: 40_211,
    },
    data: { digest: digestOf('rows'), rows: 1000, bytes: 20_000 },
    metrics: [{ name: 'accuracy', split: 'test', value: 0.97, lower: 0.96, upper: 0.98, n: 200 }],
    accelerator: 'CPU',
  };
  return ended(exitCodes.complete, { success } satisfies TrainingResult);
}

/** Every bundle that somebody imports is whole. */
export const verifierEnd: ContainerEnd = { exitCode: 0, reason: 'Completed', message: '' };

const rows = 1000;
const side = { failedRequests: 0, failedRows: 0, nonFinite: 0 };

/** The better one is right wherever the other is. */
export function evaluatorEnd(pod: Pod, namespace: PlayedNamespace): ContainerEnd {
  const { endpoints } = evaluationOrderSchema.parse(orderOf(pod));
  const rightOf = (url: string) => namespace.qualityOf(clusterOf(url)).right;
  const candidate = rightOf(endpoints.candidate);
  const counted = endpoints.live === undefined ? alone(candidate) : paired(candidate, rightOf(endpoints.live));
  const data = { digest: digestOf('holdout'), rows, bytes: 20_000 };
  return ended(exitCodes.complete, { success: { data, n: rows, ...counted } } satisfies EvaluationResult);
}

/** `<deployment>-<revision>` of `http://<deployment>-<revision>.<namespace>.svc:8080`. */
const clusterOf = (url: string) => new URL(url).hostname.split('.')[0] ?? '';

type Counted = Pick<EvaluationCounts, 'outcome' | 'candidate' | 'live'>;

const alone = (right: number): Counted => ({
  candidate: side,
  outcome: { type: 'Classes', right, wrong: rows - right },
});

function paired(candidate: number, live: number): Counted {
  const bothRight = Math.min(candidate, live);
  const only = { candidateOnly: candidate - bothRight, liveOnly: live - bothRight };
  const bothWrong = rows - bothRight - only.candidateOnly - only.liveOnly;
  return { candidate: side, live: side, outcome: { type: 'PairedClasses', bothRight, ...only, bothWrong } };
}

const ended = (exitCode: number, document: object): ContainerEnd => ({
  exitCode,
  reason: exitCode === 0 ? 'Completed' : 'Error',
  message: JSON.stringify(document),
});
