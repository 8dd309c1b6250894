// What a trial is given and what it decides.
import { canonicalJson } from '@sluice/crds/canonical-json.ts';
import type { Gate } from '@sluice/crds/v1alpha1/gates.ts';
import type { Rollout } from '@sluice/crds/v1alpha1/rollout.ts';
import type { RevisionRecord, RolloutStatus } from '@sluice/crds/v1alpha1/rollout-status.ts';
import type { GateVerdict } from '../../gates/verdict.ts';
import type { Child, Instant } from '../../plan.ts';
import type { Traffic } from '../../traffic/port.ts';
import type { Share } from '../../traffic/shares.ts';
import type { Refusal, Rejection } from '../choice/rejections.ts';
import type { ModelDeploymentObserved, ModelDeploymentSettings } from '../observed.ts';
import type { Evidence, keepEvidence } from './counters.ts';
import type { PhaseClock } from './phase-clock.ts';

/** Everything that a trial is judged by. */
export type Trial = {
  readonly observed: ModelDeploymentObserved;
  readonly rollout: Rollout;
  readonly gates: readonly Gate[];
  readonly candidate: RevisionRecord;
  readonly stable: RevisionRecord | undefined;
  /** The candidate's share, as the gateways are known to give it; absent before its backend is made known. */
  readonly share: Share | undefined;
  /** Whether it has a share or can be given one now. */
  readonly hasRoom: boolean;
  /** What was kept of this trial, if it began before. */
  readonly before: RolloutStatus | undefined;
  readonly traffic: Traffic;
  readonly settings: ModelDeploymentSettings;
  readonly now: Instant;
};

/** What is decided of the share, and why. */
export type Decided = {
  readonly phase: RolloutStatus['phase'];
  readonly weightPercent: number;
  readonly verdicts: readonly GateVerdict[];
  readonly evidence: Evidence;
  readonly step?: string;
  /** What is waited for, in words. */
  readonly waitsFor?: string | undefined;
  /** Why only a person can bring it on. */
  readonly heldFor?: string | undefined;
  readonly refusal?: Refusal | undefined;
  readonly isPromoted?: boolean;
  readonly children?: readonly Child[];
  readonly evaluationAttempt?: number;
  /** Whether the phase may go on by itself, so that its time runs. */
  readonly runs?: boolean;
  /** Its clock, where it is not the one that was kept. */
  readonly clock?: PhaseClock;
  /** In how many seconds time alone may bring it on. */
  readonly dueSeconds?: number | undefined;
};

/** A trial after one look at it. */
export type TrialResult = Decided & {
  readonly status: RolloutStatus;
  readonly gates: GateVerdict[];
  readonly kept: ReturnType<typeof keepEvidence>;
  /** Whether nothing of the live revision has been able to answer for so long that it is not waited for. */
  readonly isLiveGone: boolean;
  /** Why the candidate does not stand in for a live revision that is gone, in words. */
  readonly hinders?: string | undefined;
  /** The entry of a candidate that was refused just now. */
  readonly rejection?: Rejection | undefined;
};

/** By which gates it is judged. */
export const gatesDigest = ({ gates, settings }: Trial): string => settings.hash(canonicalJson(gates)).slice(0, 16);

/** What the gates said before of this candidate. */
export const saidBefore = ({ before, observed }: Trial): readonly GateVerdict[] =>
  before === undefined ? [] : (observed.modelDeployment.status?.gates ?? []).map(withoutAbsent);

/** The schema's optional figures, as verdicts have them. */
const withoutAbsent = (verdict: { name: string }): GateVerdict => ({ ...verdict }) as GateVerdict;
