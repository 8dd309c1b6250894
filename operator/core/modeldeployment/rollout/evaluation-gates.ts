// The gates before any traffic: for each a Job that sends a dataset through candidate and live revision, and a verdict on
// its counts. A verdict is final, because the rows are pinned; only a Job that the cluster lost is repeated.
import type { FailureClass } from '@sluice/crds/contract.ts';
import type { Gate } from '@sluice/crds/v1alpha1/gates.ts';
import type { RevisionRecord } from '@sluice/crds/v1alpha1/rollout-status.ts';
import { evidenceOf } from '../../evaluation/evidence.ts';
import {
  type EvaluationRequest,
  type EvaluationSettings,
  evaluationChild,
  evaluationName,
  revisionEndpoint,
} from '../../evaluation/job.ts';
import { readEvaluation } from '../../evaluation/reading.ts';
import { judgeEvaluation } from '../../gates/evaluation.ts';
import { advise, type GateVerdict, giveError } from '../../gates/verdict.ts';
import type { Child, Instant } from '../../plan.ts';
import type { ObservedJob, ObservedPod } from '../../pods/observed.ts';
import type { ModelDeployment } from '../observed.ts';
import { confidence, withoutRegression } from './traffic-gates.ts';

/** Slow enough for servers that answer clients at the same time. */
const pace = { requestsPerSecond: 20, batchRows: 32, deadlineSeconds: 3_600 } as const;
/** Jobs that the cluster took away, before a person is asked. */
const maxAttempts = 5;

export type Evaluations = {
  readonly deployment: ModelDeployment;
  readonly candidate: RevisionRecord;
  readonly stable: RevisionRecord | undefined;
  /** What was said before of this candidate beside this live revision. */
  readonly said: readonly GateVerdict[];
  readonly attempt: number;
  readonly jobs: readonly ObservedJob[];
  readonly pods: readonly ObservedPod[];
  readonly settings: EvaluationSettings;
  readonly now: Instant;
};

export type EvaluationOutcome = {
  /** One for each gate that is judged. */
  readonly verdicts: readonly GateVerdict[];
  readonly children: readonly Child[];
  /** What is waited for; undefined when every gate has its verdict. */
  readonly waitsFor: string | undefined;
  readonly attempt: number;
};

/** Evaluation gates that can be judged: without a live revision only those with a value threshold, and only that. */
export const evaluationGates = (gates: readonly Gate[], stable: RevisionRecord | undefined): Gate[] =>
  gates
    .filter(({ evaluation }) => evaluation !== undefined)
    .flatMap((gate) => (stable === undefined ? (withoutRegression(gate) ?? []) : gate));

function requestFor(metric: string, dataset: EvaluationRequest['order']['dataset'], evaluations: Evaluations) {
  const { deployment, candidate, stable, attempt } = evaluations;
  const { metadata, spec } = deployment;
  const endpoint = (revision: string) => revisionEndpoint(metadata, revision);
  const request: EvaluationRequest = {
    deployment: metadata,
    revision: candidate.revision,
    order: {
      dataset,
      task: metric === 'accuracy' ? 'Classification' : 'Regression',
      modelName: spec.model.name,
      endpoints: {
        candidate: endpoint(candidate.revision),
        ...(stable === undefined ? {} : { live: endpoint(stable.revision) }),
      },
      ...pace,
    },
    attempt,
    scheduling: spec.server.scheduling,
    podMetadata: spec.podMetadata,
  };
  return request;
}

type One = {
  readonly verdict?: GateVerdict;
  readonly child?: Child;
  readonly waitsFor?: string;
  readonly isLost?: true;
};

function judgeOne(gate: Gate, evaluations: Evaluations): One {
  const said = evaluations.said.find(({ name }) => name === gate.name);
  if (said) return { verdict: said };
  const { evaluation, name } = gate;
  if (!evaluation) return {};
  const { settings, jobs, pods, now, attempt, candidate } = evaluations;
  const { version } = candidate;
  const request = requestFor(evaluation.metric, evaluation.dataset, evaluations);
  const wanted = evaluationName(request, settings);
  const child = evaluationChild(request, settings);
  const reading = readEvaluation({ job: jobs.find(({ metadata }) => metadata.name === wanted), pods }, now);
  if (reading.type === 'Pending' || reading.type === 'Running') {
    return { child, waitsFor: `gate ${name}: ${reading.message}` };
  }
  if (reading.type === 'Failed') {
    if (reading.class === 'Infrastructure' && attempt < maxAttempts) {
      return { child, waitsFor: `gate ${name}: ${reading.message}; it is asked again`, isLost: true };
    }
    return { child, verdict: giveError(name, advise(sentence(reading.message), afterFailure(name, reading.class))) };
  }
  const { metric } = evaluation;
  const evidence = evidenceOf(reading.counts, metric, confidence);
  if (evidence) return { child, verdict: judgeEvaluation({ ...gate, metric, confidence, version }, evidence) };
  const task = metric === 'accuracy' ? 'classes' : 'numbers';
  const message = `The model does not answer ${task}: choose another gates[${name}].evaluation.metric.`;
  return { child, verdict: giveError(name, message) };
}

const sentence = (message: string) => `${message.replace(/[.…]$/, '')}.`;

/** What a person does about an evaluation that could not be made. */
function afterFailure(gate: string, name: FailureClass): string {
  const again = 'then set a new rollout.retryToken.';
  if (name === 'Data') return `Correct gates[${gate}].evaluation; ${again}`;
  if (name === 'OutOfMemory' || name === 'Deadline') return `Use a smaller gates[${gate}].evaluation.dataset; ${again}`;
  if (name === 'Infrastructure') return `Look at the pods and volumes that it names; ${again}`;
  if (name === 'Image') return `Check images.trainer in the chart's values; ${again}`;
  return 'A new rollout.retryToken asks again; report it if it happens again.';
}

/** The verdicts that are there, and the Jobs for those that are not. A Job stays until its verdict was written down. */
export function judgeEvaluations(gates: readonly Gate[], evaluations: Evaluations): EvaluationOutcome {
  const each = evaluationGates(gates, evaluations.stable).map((gate) => judgeOne(gate, evaluations));
  const children = new Map(
    each.flatMap(({ child }) => (child ? [[child.manifest.metadata.name, child] as const] : [])),
  );
  return {
    verdicts: each.flatMap(({ verdict }) => verdict ?? []),
    children: [...children.values()],
    waitsFor: each.find(({ waitsFor }) => waitsFor !== undefined)?.waitsFor,
    attempt: evaluations.attempt + (each.some(({ isLost }) => isLost) ? 1 : 0),
  };
}
