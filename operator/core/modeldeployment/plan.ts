// Plans a ModelDeployment: chooses the version, moves the traffic one safe step, keeps every revision that is still needed.
import type { ModelDeploymentStatus, RevisionRecord } from '@sluice/crds/v1alpha1/model-deployment.ts';
import { mergeConditions, secondsSince } from '../conditions.ts';
import { labels } from '../names.ts';
import type { Child, Instant, Plan, PlannedEvent } from '../plan.ts';
import { chooseVersion } from './choose.ts';
import { conditionsOf } from './conditions.ts';
import { gatewayObstacle } from './gateway-health.ts';
import type { ModelDeploymentObserved, ModelDeploymentSettings, ObservedWorkload } from './observed.ts';
import { pinnedRevision, type Revision, revisionManifest, revisionOf } from './revision.ts';
import { isWarm, obstacleOf } from './startup.ts';
import {
  drainSeconds,
  type GatewayView,
  hasArrived,
  hasWeight,
  isVerified,
  nextShares,
  type Share,
  verifyShares,
} from './traffic.ts';
import { clientService, disruptionBudget, revisionChildren } from './workloads.ts';

/** Pinned revisions that are kept after they served, newest first: a way back needs them. */
const revisionHistory = 5;
/** While something moves, look again even when no reading changes. */
const movingSeconds = 5;

type Place = { readonly stable: RevisionRecord | undefined; readonly candidate: RevisionRecord | undefined };

const recordOf = ({ revision, data }: Revision): RevisionRecord => ({
  revision,
  version: data.version,
  digest: data.digest,
});

const workloadOf = ({ workloads }: ModelDeploymentObserved, revision: string): ObservedWorkload | undefined =>
  workloads.find(({ metadata }) => metadata.labels?.[labels.revision] === revision);

/** Who is stable and who is on its way, given who is wanted and who has arrived. */
function place(
  status: ModelDeploymentStatus | undefined,
  wanted: Revision | undefined,
  shares: readonly Share[],
): Place {
  const arrived = status?.candidate && hasArrived(shares, status.candidate.revision) ? status.candidate : undefined;
  const stable = arrived ?? status?.stable;
  const candidate = arrived ? undefined : status?.candidate;
  if (candidate && hasWeight(shares, candidate.revision)) return { stable, candidate };
  if (!wanted || wanted.revision === stable?.revision) return { stable, candidate: undefined };
  return { stable, candidate: recordOf(wanted) };
}

/** Revisions that have, had, or shall have requests; while the gateway lags, nothing that runs is taken away. */
function neededRevisions(
  observed: ModelDeploymentObserved,
  at: Place,
  shares: readonly Share[],
  isSettled: boolean,
): Set<string> {
  const running = isSettled
    ? []
    : observed.workloads.flatMap(({ metadata }) => metadata.labels?.[labels.revision] ?? []);
  const named = [at.stable, at.candidate].flatMap((record) => record?.revision ?? []);
  const routed = observed.route?.backends.map(({ revision }) => revision) ?? [];
  return new Set([...named, ...shares.map(({ revision }) => revision), ...routed, ...running]);
}

/** The pinned revisions to keep: those that are needed, and the newest others. */
function pinnedChildren(
  observed: ModelDeploymentObserved,
  needed: ReadonlySet<string>,
  wanted: Revision | undefined,
): Child[] {
  const { revisions, modelDeployment } = observed;
  const newest = Math.max(0, ...revisions.map(({ revision }) => revision));
  const idle = revisions
    .toSorted((a, b) => b.revision - a.revision)
    .filter(({ metadata }) => !needed.has(metadata.labels?.[labels.revision] ?? ''))
    .slice(0, revisionHistory)
    .map(({ metadata }) => metadata.labels?.[labels.revision] ?? '');
  return [...needed, ...idle].flatMap((name): Child[] => {
    const known = revisions.find(({ metadata }) => metadata.labels?.[labels.revision] === name);
    const revision = pinnedRevision(revisions, name) ?? (wanted?.revision === name ? wanted : undefined);
    if (!revision) return [];
    const manifest = revisionManifest(modelDeployment, revision, known?.revision ?? newest + 1);
    return [{ manifest, lifetime: 'CreateOnce' }];
  });
}

function desiredChildren(
  observed: ModelDeploymentObserved,
  needed: ReadonlySet<string>,
  wanted: Revision | undefined,
  settings: ModelDeploymentSettings,
): Child[] {
  const { modelDeployment, revisions, route } = observed;
  const serving = [...needed].flatMap((name): Child[] => {
    const revision = pinnedRevision(revisions, name) ?? (wanted?.revision === name ? wanted : undefined);
    return revision ? revisionChildren(modelDeployment, revision, settings) : [];
  });
  return [
    ...pinnedChildren(observed, needed, wanted),
    ...serving,
    ...(route ? [clientService(modelDeployment, route.port)] : []),
    ...(modelDeployment.spec.server.replicas > 1 ? [disruptionBudget(modelDeployment)] : []),
  ];
}

function eventsOf(before: ModelDeploymentStatus | undefined, at: Place, shares: readonly Share[]): PlannedEvent[] {
  const events: PlannedEvent[] = [];
  const { stable, candidate } = at;
  const switched = (revision: string, list: readonly Share[] | undefined) =>
    list !== undefined && hasWeight(list, revision);
  if (candidate && candidate.revision !== before?.candidate?.revision) {
    events.push({
      type: 'Normal',
      reason: 'WarmingUp',
      message: `starting ${candidate.version} as revision ${candidate.revision}`,
    });
  }
  if (candidate && switched(candidate.revision, shares) && !switched(candidate.revision, before?.traffic)) {
    events.push({ type: 'Normal', reason: 'SwitchingTraffic', message: `moving all requests to ${candidate.version}` });
  }
  if (stable && stable.revision !== before?.stable?.revision) {
    events.push({
      type: 'Normal',
      reason: 'Switched',
      message: `all requests go to ${stable.version} (revision ${stable.revision})`,
    });
  }
  return events;
}

/** When the next revision has drained, or while something moves. */
function wakeAfter(
  shares: readonly Share[],
  at: Place,
  isSettled: boolean,
  now: Instant,
): { wakeAfterSeconds?: number } {
  const draining = shares
    .filter(({ wantedPercent, revision }) => wantedPercent === 0 && revision !== at.candidate?.revision)
    .map(({ changedAt }) => Math.max(1, drainSeconds - secondsSince(changedAt, now)));
  const waits = [...draining, ...(at.candidate || !isSettled ? [movingSeconds] : [])];
  return waits.length === 0 ? {} : { wakeAfterSeconds: Math.min(...waits) };
}

/** Pure: everything it knows is in `observed`, everything it decides is in the plan. */
export function planModelDeployment(
  observed: ModelDeploymentObserved,
  now: Instant,
  settings: ModelDeploymentSettings,
): Plan<ModelDeploymentStatus> {
  const { modelDeployment, versions, revisions, route, pods } = observed;
  const { metadata, spec, status } = modelDeployment;
  const view: GatewayView = {
    deployment: metadata.name,
    route,
    pods: observed.gatewayPods,
    readings: observed.gatewayReadings,
  };
  const choice = chooseVersion(modelDeployment, versions);
  const wanted = choice.version && revisionOf(modelDeployment, choice.version, revisions, settings);
  const verified = verifyShares(status?.traffic ?? [], view);
  const at = place(status, wanted, verified);
  const candidate = at.candidate && {
    ...at.candidate,
    isWarm: isWarm(workloadOf(observed, at.candidate.revision), spec.server.replicas),
  };
  const shares = nextShares(verified, { candidate, stable: at.stable?.revision, view, now });
  const isSettled = isVerified(shares, view);
  const needed = neededRevisions(observed, at, shares, isSettled || (shares.length === 0 && !route));
  const startObstacle = at.candidate && obstacleOf(at.candidate.revision, pods);
  const readyReplicas = at.stable ? (workloadOf(observed, at.stable.revision)?.status?.readyReplicas ?? 0) : 0;
  const situation = {
    isPinned: spec.model.version !== undefined,
    problem: choice.problem,
    stable: at.stable && {
      version: at.stable.version,
      isServing: readyReplicas > 0,
      why: obstacleOf(at.stable.revision, pods),
    },
    candidate: at.candidate && { version: at.candidate.version, hasWeight: hasWeight(shares, at.candidate.revision) },
    obstacle: startObstacle ?? gatewayObstacle(shares, view, now),
    isDraining: shares.some(
      ({ wantedPercent, revision }) => wantedPercent === 0 && revision !== at.candidate?.revision,
    ),
  };
  const port = route?.port ?? status?.gateway?.port;
  return {
    desired: desiredChildren(observed, needed, wanted, settings),
    status: {
      observedGeneration: metadata.generation,
      ...(at.stable ? { stable: at.stable } : {}),
      ...(at.candidate ? { candidate: at.candidate } : {}),
      replicas: observed.workloads.reduce((sum, workload) => sum + (workload.status?.replicas ?? 0), 0),
      readyReplicas,
      traffic: shares,
      ...(port === undefined ? {} : { gateway: { port } }),
      endpoints: [
        {
          protocol: 'REST',
          url: `http://${metadata.name}.${metadata.namespace}/v2/models/${spec.model.name}/infer`,
        },
      ],
      conditions: mergeConditions(status?.conditions, conditionsOf(situation), {
        generation: metadata.generation,
        now,
      }),
    },
    events: eventsOf(status, at, shares),
    measure: [],
    ...wakeAfter(shares, at, isSettled, now),
  };
}
