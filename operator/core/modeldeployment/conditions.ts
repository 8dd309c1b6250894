// Says in conditions what is, why, and what to do next. Ready: does the cluster do what spec asks? Available: does anything
// good serve? With `track`, Ready holds as long as a good version serves; a pinned version must itself be fully live.
import type { ModelDeploymentReason } from '@sluice/crds/reasons.ts';
import type { Statement } from '../conditions.ts';
import type { Choice } from './choose.ts';
import type { Obstacle } from './startup.ts';

/** What the conditions are made from. */
export type Situation = {
  readonly isPinned: boolean;
  readonly problem: Choice['problem'];
  /** The version that has all requests, and whether it can answer them. */
  readonly stable:
    | { readonly version: string; readonly isServing: boolean; readonly why: Obstacle | undefined }
    | undefined;
  readonly candidate: { readonly version: string; readonly hasWeight: boolean } | undefined;
  /** What keeps the candidate, or the gateway, from going on. */
  readonly obstacle: Obstacle | undefined;
  /** Whether revisions without weight are still finishing their requests. */
  readonly isDraining: boolean;
};

type Said = { readonly reason: ModelDeploymentReason; readonly message: string };

const state = (type: string, status: 'True' | 'False' | 'Unknown', { reason, message }: Said): Statement => ({
  type,
  status,
  reason,
  message,
});

function available({ stable }: Situation): Statement {
  if (stable?.isServing) return state('Available', 'True', { reason: 'Serving', message: `${stable.version} serves` });
  const message = stable
    ? `${stable.version} has the traffic but cannot answer: ${stable.why?.message ?? 'no server pod is ready'}`
    : 'no version has served yet; read Ready for what is missing';
  return state('Available', 'False', { reason: 'NothingServes', message });
}

/** What is under way; undefined when everything is as it should be. */
function underWay({ candidate, isDraining }: Situation): Said | undefined {
  if (candidate?.hasWeight) {
    return { reason: 'SwitchingTraffic', message: `the gateway moves all requests to ${candidate.version}` };
  }
  if (candidate) return { reason: 'WarmingUp', message: `the server pods of ${candidate.version} load the model` };
  return isDraining ? { reason: 'DrainingOld', message: 'the old revision finishes its last requests' } : undefined;
}

/** Why the wanted state is not reached, if it is not. */
function missing(situation: Situation): Said | undefined {
  const { problem, obstacle, stable } = situation;
  if (obstacle) return obstacle;
  if (problem) return problem;
  if (situation.candidate) return underWay(situation);
  return stable && !stable.isServing ? { reason: 'NothingServes', message: available(situation).message } : undefined;
}

function ready(situation: Situation): Statement {
  const { stable, isPinned } = situation;
  const lacks = missing(situation);
  if (stable?.isServing && lacks === undefined) {
    return state('Ready', 'True', { reason: 'Serving', message: `${stable.version} gets all requests` });
  }
  if (stable?.isServing && !isPinned) {
    return state('Ready', 'True', {
      reason: 'StableServes',
      message: `${stable.version} serves; ${lacks?.message ?? ''}`,
    });
  }
  return state('Ready', 'False', lacks ?? { reason: 'WarmingUp', message: 'the first server pods are being made' });
}

/** Stalled is the only "failed": something that waiting will not cure keeps the spec from being met. */
function stalled(situation: Situation, readiness: Statement): Statement[] {
  const { obstacle, problem } = situation;
  const cause = obstacle ?? (problem?.stalled ? problem : undefined);
  return cause && readiness.status !== 'True' ? [state('Stalled', 'True', cause)] : [];
}

function progressing(situation: Situation): Statement[] {
  const { candidate, obstacle } = situation;
  if (candidate && obstacle) return [state('Progressing', 'False', obstacle)];
  const moving = underWay(situation);
  return candidate && moving ? [state('Progressing', 'True', moving)] : [];
}

/** Every condition that holds. */
export function conditionsOf(situation: Situation): Statement[] {
  const readiness = ready(situation);
  const failures = stalled(situation, readiness);
  const moving = underWay(situation);
  const reconciling =
    moving && failures.length === 0 && !situation.obstacle ? [state('Reconciling', 'True', moving)] : [];
  return [available(situation), readiness, ...reconciling, ...failures, ...progressing(situation)];
}
