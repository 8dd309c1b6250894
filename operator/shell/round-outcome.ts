// What a round says once the children were tried: the planned status, with what is in the way of which child. Pure.
import type { Condition } from '@sluice/crds/fragments.ts';
import { blockedConditions } from '../core/conditions.ts';
import type { Instant, Plan, PlannedEvent } from '../core/plan.ts';
import { type Refusal, refusalEvents, refusedConditions } from '../core/refusals.ts';
import type { ApplyReport } from '../kube/apply/apply-round.ts';
import type { Stored } from '../kube/objects.ts';
import { isAwaited, refusalOf, takenBy } from './apply-plan.ts';

/** What every status of ours has. */
export type AnyStatus = { readonly conditions?: Condition[] | undefined };

type BlockReason = 'SpecInvalid' | 'NameTaken' | 'PredecessorGoing';

/** What a planner cannot see is said on every kind in the same words; the event comes once. */
export function blocked(
  live: Stored & { status?: AnyStatus },
  { planned, now }: { readonly planned?: AnyStatus; readonly now: Instant },
  said: { readonly reason: BlockReason; readonly message: string },
): { status: AnyStatus; events: PlannedEvent[] } {
  const previous = live.status?.conditions;
  const { generation } = live.metadata;
  const mayPass = said.reason === 'SpecInvalid' ? {} : ({ mayPass: true } as const);
  const conditions = blockedConditions(
    { previous, planned: planned?.conditions },
    { ...said, ...mayPass },
    {
      generation,
      now,
    },
  );
  const wasSaid = previous?.some(({ type, reason }) => type === 'Ready' && reason === said.reason);
  return {
    status: { ...(planned ?? live.status), ...{ observedGeneration: generation }, conditions },
    events: wasSaid ? [] : [{ type: 'Warning', reason: said.reason, message: said.message }],
  };
}

/** What a round says at its end. */
export type Told = {
  readonly status: AnyStatus;
  readonly events: readonly PlannedEvent[];
  /** Nothing stands in the way of the plan. */
  readonly isAsPlanned: boolean;
  /** What was planned does not hold yet, because a child is missing that the status would speak of. */
  readonly isHeldBack: boolean;
};

/** What is said once the children were tried: the planned status, with what is in the way of which child. */
export function tellOf<Status extends AnyStatus>(
  live: Stored & { status?: AnyStatus },
  result: {
    readonly plan: Plan<Status>;
    readonly report: ApplyReport;
    /** Pods that the Job controller could not make. */
    readonly pods: readonly Refusal[];
    readonly besides: readonly Refusal[] | undefined;
    readonly now: Instant;
  },
): Told {
  const { plan, report, now } = result;
  const previous = live.status?.conditions;
  const isHeldBack = isAwaited(plan.desired, report);
  const wanted: { readonly status: AnyStatus; readonly events: readonly PlannedEvent[] } = isHeldBack
    ? { status: live.status ?? {}, events: [] }
    : plan;
  const refusals = [...report.refused.map(refusalOf), ...result.pods, ...(result.besides ?? [])];
  const at = { generation: live.metadata.generation, now };
  const conditions = refusedConditions({ previous, planned: wanted.status.conditions }, refusals, at);
  const isUnknown = result.besides === undefined && refusals.length === 0;
  const kept = isUnknown ? (previous ?? []).filter(({ type }) => type === 'ChildRefused') : [];
  const said = { ...wanted.status, ...(conditions && { conditions: [...conditions, ...kept] }) };
  const events = [...wanted.events, ...refusalEvents(previous, refusals)];
  const [taken] = report.foreign;
  const isAsPlanned = refusals.length === 0 && taken === undefined && !isHeldBack;
  if (!taken) return { status: said, events, isAsPlanned, isHeldBack };
  const stop = blocked(live, { planned: said, now }, takenBy(taken));
  return { status: stop.status, events: [...events, ...stop.events], isAsPlanned, isHeldBack };
}
