// Says in conditions what is, why, and what to do next. Ready: does the cluster do what spec asks? Available: does anything
// good serve? With `track`, Ready holds as long as a good version serves; a pinned version must itself be fully live.
import type { ModelDeploymentReason } from '@sluice/crds/reasons.ts';
import { cutEnd } from '@sluice/crds/text.ts';
import { maxShares } from '@sluice/crds/v1alpha1/model-deployment.ts';
import type { Statement } from '../conditions.ts';
import type { Obstacle } from '../obstacle.ts';
import type { Problem } from './choice/choose.ts';
import { type StandingIn, sayRefusedAnswers, sayStandsIn } from './standin/said.ts';
import type { ScaledElsewhere } from './workload/scaling.ts';

/** The version that has all requests. */
export type StableSituation = {
  readonly version: string;
  /** Whether a server pod and a gateway pod are there to answer. */
  readonly isServing: boolean;
  /** A candidate that has all requests, is not proven yet, and answers. */
  readonly standsIn?: string | undefined;
  /** Whether as many server pods are ready as the spec asks. */
  readonly isComplete: boolean;
  /** What keeps its server pods from becoming ready. */
  readonly obstacle: Obstacle | undefined;
};

/** A candidate on trial. */
export type TrialSituation = {
  readonly phase: 'WarmingUp' | 'Evaluating' | 'Stepping' | 'Baking';
  readonly weightPercent: number;
  /** What the next decision waits for. */
  readonly waitsFor: string | undefined;
  /** Why only a person can bring it on. */
  readonly heldFor: string | undefined;
  readonly isPaused: boolean;
};

/** What the conditions are made from. */
export type Situation = {
  readonly isPinned: boolean;
  readonly problem: Problem | undefined;
  readonly stable: StableSituation | undefined;
  readonly candidate:
    | {
        readonly version: string;
        readonly hasWeight: boolean;
        readonly obstacle: Obstacle | undefined;
        /** Whether it is warm and waits until there is room for one more share. */
        readonly waitsForRoom?: boolean;
      }
    | undefined;
  /** What keeps the gateway from doing what is asked of it. */
  readonly gatewayObstacle: Obstacle | undefined;
  /** Whether a gateway pod takes requests. */
  readonly hasGateway: boolean;
  /** Whether revisions without weight are still finishing their requests. */
  readonly isDraining: boolean;
  readonly trial?: TrialSituation | undefined;
  /** The version that answers because nothing of the live one can. */
  readonly standingIn?: StandingIn | undefined;
  /** The revision that was refused last, while that holds. */
  readonly rejection?: { readonly version: string; readonly message: string } | undefined;
  /** Whether requests are on their way back from a revision that was refused or gave way. */
  readonly isReturning?: boolean;
  /** Somebody else who scales a revision's Deployment. */
  readonly scaledElsewhere?: ScaledElsewhere | undefined;
  /** Why nobody outside finds it although it wants to be found. */
  readonly notExposed?: Said | undefined;
  /** Whether there is a rollout, and nothing that judges it. */
  readonly hasNoGates?: boolean;
};

/** Limit of the status contract. */
const longestMessage = 200;

type Said = { readonly reason: ModelDeploymentReason; readonly message: string };

const state = (type: string, status: 'True' | 'False' | 'Unknown', { reason, message }: Said): Statement => ({
  type,
  status,
  reason,
  message,
});

/** What keeps the candidate, or the gateway, from going on; that of a candidate says whose it is. */
function obstacleOf({ candidate, gatewayObstacle }: Situation): Obstacle | undefined {
  if (!candidate?.obstacle) return gatewayObstacle;
  const { reason, message } = candidate.obstacle;
  return { reason, message: `${candidate.version}: ${message}` };
}

function whyNothingServes({ stable, hasGateway, gatewayObstacle, standingIn }: Situation): string {
  if (!stable) return 'no version has served yet; read Ready for what is missing';
  if (standingIn?.isRefused) return sayRefusedAnswers(standingIn);
  const noGateway = gatewayObstacle?.message ?? 'no gateway pod takes requests';
  const why = hasGateway ? (stable.obstacle?.message ?? 'no server pod is ready') : noGateway;
  return cutEnd(`${stable.version} has the traffic but cannot answer: ${why}`, longestMessage);
}

function answering({ stable, standingIn }: Situation): string | undefined {
  if (standingIn?.isRefused) return undefined;
  return stable?.standsIn ?? (stable?.isServing ? stable.version : undefined);
}

/** What is said of an unproven version that answers in place of the live one. */
const standsIn = ({ standingIn }: Situation): Said | undefined =>
  standingIn && !standingIn.isRefused ? sayStandsIn(standingIn) : undefined;

function available(situation: Situation): Statement {
  const serves = answering(situation);
  if (serves === undefined) {
    return state('Available', 'False', { reason: 'NothingServes', message: whyNothingServes(situation) });
  }
  return state('Available', 'True', standsIn(situation) ?? { reason: 'Serving', message: `${serves} serves` });
}

/** How far a candidate on trial is; undefined while its pods start, as without a trial. */
function onTrial(version: string, { phase, weightPercent, waitsFor }: TrialSituation): Said | undefined {
  if (phase === 'WarmingUp') return undefined;
  const next = waitsFor === undefined ? '' : `; ${waitsFor}`;
  if (phase === 'Evaluating') return { reason: phase, message: `${version} is judged before it gets requests${next}` };
  return { reason: phase, message: `${version} gets ${weightPercent} % of the requests${next}` };
}

/** What only a person can bring on. */
function waitsForPerson({ candidate, trial }: Situation): Said | undefined {
  if (!candidate || !trial) return undefined;
  if (trial.heldFor !== undefined) return { reason: 'Held', message: trial.heldFor };
  const message = `rollout.paused keeps ${candidate.version} at ${trial.weightPercent} %; set it to false to go on`;
  return trial.isPaused ? { reason: 'Paused', message } : undefined;
}

/** Requests go back; what is missing for it comes first, because a person may know that it cannot come. */
function returning({ version, isComplete, obstacle }: StableSituation): Said {
  const back = `requests go back to ${version} as its pods can take them`;
  const missing = obstacle?.message ?? 'pods are missing';
  return {
    reason: 'Returning',
    message: isComplete ? back : `${back}; if no more can come, lower server.replicas: ${missing}`,
  };
}

/** What is under way; undefined when everything is as it should be. */
function underWay(situation: Situation): Said | undefined {
  const { candidate, isDraining, stable, trial, isReturning } = situation;
  const waits = waitsForPerson(situation);
  if (waits) return waits;
  if (candidate?.waitsForRoom) {
    const message = `${candidate.version} waits until one of ${maxShares} revisions has finished its requests`;
    return { reason: 'DrainingOld', message };
  }
  const tried = candidate && trial && onTrial(candidate.version, trial);
  if (tried) return tried;
  if (candidate?.hasWeight) {
    return { reason: 'SwitchingTraffic', message: `the gateway moves all requests to ${candidate.version}` };
  }
  if (candidate) return { reason: 'WarmingUp', message: `the server pods of ${candidate.version} load the model` };
  if (isReturning && stable) return returning(stable);
  if (stable && !stable.isComplete) {
    const message = stable.obstacle?.message ?? `server.replicas pods of ${stable.version} are not ready yet`;
    return { reason: 'Scaling', message };
  }
  return isDraining ? { reason: 'DrainingOld', message: 'the old revision finishes its last requests' } : undefined;
}

/** Why the wanted state is not reached, if it is not. */
function missing(situation: Situation): Said | undefined {
  const obstacle = obstacleOf(situation);
  if (obstacle) return obstacle;
  if (situation.problem) return situation.problem;
  if (situation.candidate) return underWay(situation);
  return situation.stable?.isServing ? undefined : { reason: 'NothingServes', message: whyNothingServes(situation) };
}

function ready(situation: Situation): Statement {
  const { stable, isPinned } = situation;
  const unproven = situation.gatewayObstacle ? undefined : standsIn(situation);
  if (unproven) return state('Ready', 'Unknown', unproven);
  const lacks = missing(situation);
  const waits = obstacleOf(situation) ? undefined : waitsForPerson(situation);
  if (waits) return state('Ready', 'Unknown', waits);
  if (lacks === undefined) {
    return state('Ready', 'True', { reason: 'Serving', message: `${stable?.version} gets all requests` });
  }
  const serves = answering(situation);
  if (serves !== undefined && !isPinned) {
    return state('Ready', 'True', { reason: 'StableServes', message: `${serves} serves; ${lacks.message}` });
  }
  return state('Ready', 'False', lacks);
}

/** What was judged once and for all: to wait cures nothing. */
const verdicts: readonly ModelDeploymentReason[] = [
  'BundleMissing',
  'BundleCorrupt',
  'BundleUnsupported',
  'GateFailed',
  'VersionNotReady',
];
const isVerdict = ({ reason }: Said) => verdicts.includes(reason);

/** Stalled is the only "failed": something that waiting will not cure keeps the spec from being met. */
function stalled(situation: Situation, readiness: Statement): Statement[] {
  const { problem, stable } = situation;
  const unserved = stable?.isServing || standsIn(situation) ? undefined : stable?.obstacle;
  const cause = obstacleOf(situation) ?? (problem?.stalled ? problem : undefined) ?? unserved;
  if (!cause || readiness.status === 'True') return [];
  return [{ ...state('Stalled', 'True', cause), ...(isVerdict(cause) ? {} : { mayPass: true }) }];
}

function progressing(situation: Situation): Statement[] {
  const obstacle = obstacleOf(situation);
  const moving = situation.candidate && (obstacle ?? underWay(situation));
  if (!moving) return [];
  if (obstacle || moving.reason === 'Held') return [state('Progressing', 'False', moving)];
  return [state('Progressing', moving.reason === 'Paused' ? 'Unknown' : 'True', moving)];
}

/** What a rollout leaves to be seen, whatever goes on now. */
function aboutRollout({ rejection, hasNoGates }: Situation): Statement[] {
  const refused = rejection && {
    reason: 'GateFailed' as const,
    message: `${rejection.version} was refused: ${rejection.message}`,
  };
  const message = 'spec.gates is empty: only the guardrail judges a candidate; add a gate of traffic metric errorRate';
  return [
    ...(refused ? [state('CandidateRejected', 'True', refused)] : []),
    ...(hasNoGates ? [state('GatesMissing', 'True', { reason: 'NoGates', message })] : []),
  ];
}

/** Who stands against server.replicas. */
function aboutScaling({ scaledElsewhere }: Situation): Statement[] {
  if (!scaledElsewhere) return [];
  const { manager, deployment, replicas } = scaledElsewhere;
  const message = `${manager} scales Deployment ${deployment} to ${replicas}; let its HorizontalPodAutoscaler scale this ModelDeployment instead`;
  return [state('ScaledElsewhere', 'True', { reason: 'OtherScaler', message })];
}

const aboutExposure = ({ notExposed }: Situation): Statement[] =>
  notExposed ? [state('NotExposed', 'True', notExposed)] : [];

/** Every condition that holds. */
export function conditionsOf(situation: Situation): Statement[] {
  const readiness = ready(situation);
  const failures = stalled(situation, readiness);
  const moving = underWay(situation);
  const isMoving = moving && !waitsForPerson(situation) && failures.length === 0 && obstacleOf(situation) === undefined;
  const reconciling = isMoving ? [state('Reconciling', 'True', moving)] : [];
  return [
    available(situation),
    readiness,
    ...reconciling,
    ...failures,
    ...progressing(situation),
    ...aboutRollout(situation),
    ...aboutScaling(situation),
    ...aboutExposure(situation),
  ];
}
