// Builds the Job that asks both revisions about a holdout: one restricted pod, and the order it is given. Its name says
// what is asked, so that the same question is never asked twice and another one never gets its answer.
import { env, paths, ports } from '@sluice/crds/contract.ts';
import { type EvaluationOrder, evaluationOrderSchema } from '@sluice/crds/evaluation-contract.ts';
import type { PodDefaults } from '@sluice/crds/pod-defaults.ts';
import type { Scheduling } from '@sluice/crds/scheduling.ts';
import { commonLabels, labels, revisionName } from '../names.ts';
import type { Child, Manifest } from '../plan.ts';
import { dataSource } from '../pods/data-source.ts';
import { wishedManifest } from '../pods/pod-template.ts';
import {
  containerSecurityContext,
  environment,
  type PodUser,
  restrictedPodFields,
  temporarySpace,
} from '../pods/restricted-pod.ts';

export const evaluatorContainer = 'evaluator';

/** One evaluation of one gate. */
export type EvaluationRequest = {
  /** The ModelDeployment. */
  readonly deployment: { readonly name: string; readonly namespace: string };
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
/** The whole holdout is held in memory. */
const memory = { request: '256Mi', limit: '1Gi' } as const;

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
  const { deployment, revision, order, attempt } = request;
  const ownLabels = {
    ...commonLabels('evaluator'),
    [labels.modelDeployment]: deployment.name,
    [labels.revision]: revision,
    [labels.attempt]: String(attempt),
  };
  const job = {
    ...evaluationIdentity(evaluationName(request, settings), deployment.namespace),
    metadata: { name: evaluationName(request, settings), namespace: deployment.namespace, labels: ownLabels },
    spec: {
      backoffLimit: 0,
      activeDeadlineSeconds: order.deadlineSeconds + startSeconds,
      template: { metadata: { labels: ownLabels }, spec: podSpec(request, settings) },
    },
  };
  return wishedManifest(job, { defaults: settings.podDefaults });
}

/** What a planner desires while it wants the evaluation, or its result, to be there. */
export const evaluationChild = (request: EvaluationRequest, settings: EvaluationSettings): Child => ({
  manifest: evaluationJob(request, settings),
  lifetime: 'CreateOnce',
});

/** The identity of an existing Job, for a child that is only kept. */
export const evaluationIdentity = (name: string, namespace: string): Manifest => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name, namespace },
});

function podSpec({ order, scheduling }: EvaluationRequest, settings: EvaluationSettings) {
  const { trainerImage, imagePullPolicy, podUser } = settings;
  const data = dataSource(order.dataset.source);
  const temporary = temporarySpace(temporarySize);
  return {
    ...restrictedPodFields(scheduling, podUser),
    restartPolicy: 'Never',
    containers: [
      {
        name: evaluatorContainer,
        image: trainerImage,
        imagePullPolicy,
        command: ['node', '/app/evaluate.mjs'],
        env: environment({ [env.evaluation]: JSON.stringify(evaluationOrderSchema.parse(order)) }),
        resources: { requests: { cpu: '100m', memory: memory.request }, limits: { memory: memory.limit } },
        securityContext: containerSecurityContext,
        terminationMessagePath: paths.terminationLog,
        terminationMessagePolicy: 'FallbackToLogsOnError',
        volumeMounts: [data.mount, temporary.mount],
      },
    ],
    volumes: [data.volume, temporary.volume],
  };
}
