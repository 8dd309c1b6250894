// Builds the Job that asks both revisions about a holdout: one restricted pod, and the order it is given. Its name says
// what is asked, so that the same question is never asked twice and another one never gets its answer.
import { ports } from '@sluice/crds/contract.ts';
import { type EvaluationOrder, evaluationOrderSchema } from '@sluice/crds/evaluation-contract.ts';
import type { PodDefaults } from '@sluice/crds/pod-defaults.ts';
import type { PodMetadata } from '@sluice/crds/pods/pod-metadata.ts';
import type { Scheduling } from '@sluice/crds/pods/scheduling.ts';
import { attach } from '../locations/attach.ts';
import { dataUse } from '../locations/uses.ts';
import { commonLabels, labels, revisionName } from '../names.ts';
import type { Child, Manifest } from '../plan.ts';
import { oneShotJob } from '../pods/one-shot/job.ts';
import { type PodUser, temporarySpace } from '../pods/restricted-pod.ts';
import { evaluator, evaluatorResources } from './evaluator.ts';

/** One evaluation of one gate. */
export type EvaluationRequest = {
  /** The ModelDeployment. */
  readonly deployment: { readonly name: string; readonly namespace: string };
  readonly podMetadata?: PodMetadata | undefined;
  /** Hash of the candidate's revision. */
  readonly revision: string;
  readonly order: EvaluationOrder;
  /** From 1. An evaluation that failed is repeated as another Job. */
  readonly attempt: number;
  readonly scheduling: Scheduling;
};

export type EvaluationSettings = {
  readonly trainerImage: string;
  readonly imagePullPolicy: 'Always' | 'IfNotPresent' | 'Never';
  /** What the installation wants of every pod. */
  readonly podDefaults: PodDefaults;
  readonly podUser: PodUser;
  /** sha256 of a text as lower-case hex: handed in, because this room has no crypto. */
  hash(text: string): string;
};

const hashLength = 8;
/** On top of the order's own deadline: scheduling, and the image of a trainer. */
const startSeconds = 300;
const temporarySize = '1Gi';

/** Where the pods of a revision answer, past the gateway: no traffic of clients goes there by it. */
export const revisionEndpoint = (deployment: { name: string; namespace: string }, revision: string) =>
  `http://${revisionName(deployment.name, revision)}.${deployment.namespace}.svc:${ports.http}`;

/** `<deployment>-<revision>-<hash of what is asked>`: at most 40 + 1 + 12 + 1 + 8 characters. */
export function evaluationName(request: EvaluationRequest, { hash }: Pick<EvaluationSettings, 'hash'>): string {
  const { deployment, revision, order, attempt } = request;
  const { dataset, task, modelName, endpoints } = evaluationOrderSchema.parse(order);
  const question = hash(JSON.stringify({ dataset, task, modelName, endpoints, attempt })).slice(0, hashLength);
  return `${revisionName(deployment.name, revision)}-${question}`;
}

/** The Job, created once. It is never retried by Kubernetes: a failure has a class, and the gate decides by it. */
export function evaluationJob(request: EvaluationRequest, settings: EvaluationSettings): Manifest {
  const { deployment, revision, order, attempt, scheduling } = request;
  const { cpu, memory } = evaluatorResources;
  return oneShotJob({
    wishes: { defaults: settings.podDefaults, metadata: request.podMetadata },
    user: settings.podUser,
    name: evaluationName(request, settings),
    namespace: deployment.namespace,
    labels: {
      ...commonLabels('evaluator'),
      [labels.modelDeployment]: deployment.name,
      [labels.revision]: revision,
      [labels.attempt]: String(attempt),
    },
    container: {
      name: evaluator.container,
      image: settings.trainerImage,
      imagePullPolicy: settings.imagePullPolicy,
      command: ['node', '/app/evaluate.mjs'],
      resources: { requests: { cpu, memory: memory.request }, limits: { memory: memory.limit } },
    },
    order: evaluationOrderSchema.parse(order),
    volumes: [...attach([dataUse(order.dataset.source)]), temporarySpace(temporarySize)],
    scheduling,
    deadlineSeconds: order.deadlineSeconds + startSeconds,
  });
}

/** What a planner desires while it wants the evaluation, or its result, to be there. */
export const evaluationChild = (request: EvaluationRequest, settings: EvaluationSettings): Child => ({
  manifest: evaluationJob(request, settings),
  lifetime: 'CreateOnce',
});
