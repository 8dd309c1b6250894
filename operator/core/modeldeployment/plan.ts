// Plans a ModelDeployment: chooses the version, moves the traffic one safe step, keeps every revision that is still needed.
import type { ModelDeploymentStatus } from '@sluice/crds/v1alpha1/model-deployment.ts';
import { mergeConditions, secondsSince } from '../conditions.ts';
import { type Instant, type Plan, wakeIn } from '../plan.ts';
import { areInForce, isDraining } from '../traffic/shares.ts';
import { desiredChildren } from './children.ts';
import { formerRevisions } from './choice/former.ts';
import { keepRejections, noteWithdrawn } from './choice/rejections.ts';
import { conditionsOf } from './conditions.ts';
import { eventsOf } from './events.ts';
import type { ModelDeploymentObserved, ModelDeploymentSettings } from './observed.ts';
import { pacedStatus, statusCanWait } from './pace.ts';
import { revisionLabels } from './revision/revision.ts';
import { isCalm, isToldWithNext } from './rollout/in-force.ts';
import { readyReplicasOf, situationOf } from './situation.ts';
import { leaving, type Moved, moveOn } from './step.ts';
import { provenReplicas } from './traffic/capacity.ts';
import { workloadOf } from './workload/workload.ts';

/** While something moves, look again even when no reading changes. */
const movingSeconds = 5;
/** A candidate that is asked may have to be taken back at any time, also by what only time shows. */
const judgingSeconds = 1;
/** A moment at which time decides is met; who is a little early looks once more. */
const shortestWakeSeconds = 0.02;

/** When the next revision has drained, or while something moves. */
function wakeAfter(moved: Moved, isSettled: boolean): { wakeAfterSeconds?: number } {
  const { place, move } = moved;
  const draining = leaving(moved)
    .filter((share) => isDraining(share, move))
    .map(({ revision, changedAt }) =>
      Math.max(1, move.drainSeconds(revision) - secondsSince(changedAt, move.traffic.now)),
    );
  const isJudged = moved.trial !== undefined && moved.trial.weightPercent > 0 && !isCalm(moved.trial);
  const waits = [
    ...draining,
    ...(place.candidate || !isSettled ? [movingSeconds] : []),
    ...(isJudged ? [judgingSeconds] : []),
  ];
  const { dueSeconds } = moved.trial ?? {};
  if (dueSeconds === undefined) return wakeIn(waits);
  return { wakeAfterSeconds: Math.min(Math.max(shortestWakeSeconds, dueSeconds), ...waits) };
}

type Written = Omit<ModelDeploymentStatus, 'observedGeneration' | 'conditions'>;

/** What is kept of a rollout; without one, only the refusals. */
function rolloutOf({ observed, place, shares, trial, move }: Moved): Partial<Written> {
  const { spec, status } = observed.modelDeployment;
  const rejected = keepRejections(observed.modelDeployment, trial?.rejection, place.stable?.revision).map((each) =>
    noteWithdrawn(each, shares, move.traffic.counts.at),
  );
  const former = spec.rollout ? formerRevisions(status, place.stable) : [];
  const gates = trial?.gates ?? status?.gates;
  return {
    ...(former.length > 0 ? { former } : {}),
    ...(trial && place.candidate ? { rollout: trial.status, evidence: trial.kept } : {}),
    ...(gates && gates.length > 0 ? { gates } : {}),
    ...(rejected.length > 0 ? { rejected } : {}),
  };
}

/** What an autoscaler reads. */
function scaleOf({ observed, place, trial }: Moved): Pick<Written, 'scale'> {
  const { metadata, spec } = observed.modelDeployment;
  const wanted = { wantedReplicas: spec.server.replicas };
  const standsIn = trial?.status.standIn?.since === undefined ? undefined : place.candidate;
  const shown = standsIn ?? place.stable ?? place.candidate;
  if (!shown) return {};
  const selector = Object.entries(revisionLabels(metadata.name, shown.revision)).map(
    ([key, value]) => `${key}=${value}`,
  );
  const replicas = workloadOf(observed.workloads, shown.revision)?.status?.replicas ?? 0;
  return { scale: { ...wanted, replicas, selector: selector.join(',') } };
}

/** Server pods of who has a share or shall have one: what is left of others is on its way out. */
function replicasOf({ observed: { workloads }, place, shares }: Moved): number {
  const own = [place.stable, place.candidate, ...shares].flatMap((each) => each?.revision ?? []);
  const counts = [...new Set(own)].map((revision) => workloadOf(workloads, revision)?.status?.replicas ?? 0);
  return counts.reduce((sum, count) => sum + count, 0);
}

/** What the gateway was told; of a table that was lost, what was said of it. */
function hasTlsAt({ observed, move }: Moved): boolean {
  const { hasTls } = move.traffic.entrance;
  if (hasTls !== undefined) return hasTls;
  return observed.modelDeployment.status?.endpoints?.some(({ url }) => url.startsWith('https:')) === true;
}

function statusOf(moved: Moved, port: number | undefined): Written {
  const { observed, place, shares } = moved;
  const { metadata, spec } = observed.modelDeployment;
  const proven = provenReplicas(observed);
  const { externalUrl } = moved.move.traffic.entrance;
  const url = `${hasTlsAt(moved) ? 'https' : 'http'}://${metadata.name}.${metadata.namespace}/v2/models/${spec.model.name}/infer`;
  return {
    ...(place.stable ? { stable: place.stable } : {}),
    ...(place.candidate ? { candidate: place.candidate } : {}),
    replicas: replicasOf(moved),
    readyReplicas: readyReplicasOf(moved),
    ...(proven === undefined ? {} : { provenReplicas: proven }),
    ...rolloutOf(moved),
    ...scaleOf(moved),
    traffic: [...shares],
    ...(port === undefined ? {} : { gateway: { port }, endpoints: [{ protocol: 'REST', url }] }),
    ...(externalUrl === undefined ? {} : { externalUrl }),
  };
}

/** Pure: everything it knows is in `observed`, everything it decides is in the plan. */
export function planModelDeployment(
  observed: ModelDeploymentObserved,
  now: Instant,
  settings: ModelDeploymentSettings,
): Plan<ModelDeploymentStatus> {
  const { metadata, status } = observed.modelDeployment;
  const moved = moveOn(observed, now, settings);
  const { place, shares, wanted, move } = moved;
  // A table that was lost is made anew with the same port: until then the Service stays as it is.
  const port = move.traffic.entrance.port ?? status?.gateway?.port;
  const { gatewayLabels } = move.traffic.entrance;
  const clientPort = port === undefined ? undefined : { port, hasTls: hasTlsAt(moved), gatewayLabels };
  const statements = conditionsOf(situationOf(moved));
  const isSettled = areInForce(shares, move.traffic);
  const next = {
    observedGeneration: metadata.generation,
    ...statusOf(moved, port),
    conditions: mergeConditions(status?.conditions, statements, { generation: metadata.generation, now }),
  };
  const paced = pacedStatus(status, next, move.traffic.counts.sources);
  const events = eventsOf({
    before: status,
    place,
    shares,
    statements,
    trial: moved.trial,
    modelDeployment: observed.modelDeployment,
  });
  const comesWithNext = events.length === 0 && isToldWithNext({ before: status, after: paced }, moved.trial, now);
  return {
    desired: [
      ...desiredChildren({ observed, place, shares, isSettled }, { wanted, clientPort, settings }),
      ...(place.candidate ? (moved.trial?.children ?? []) : []),
    ],
    status: paced,
    ...(statusCanWait(status, paced) ? { statusCanWait: true } : {}),
    ...(comesWithNext ? { statusComesWithNext: true } : {}),
    events,
    measure: [],
    ...wakeAfter(moved, isSettled),
  };
}
