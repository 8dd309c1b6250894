// The operator in the simulated namespace: the real planners on caches that come late, and writes that may find another
// version than the caches had.
import type { GatewayReading } from '@sluice/operator/core/gateway/observed.ts';
import { planGateway } from '@sluice/operator/core/gateway/plan.ts';
import { planModelDeployment } from '@sluice/operator/core/modeldeployment/plan.ts';
import { sharesInForce } from '@sluice/operator/core/modeldeployment/rollout/in-force.ts';
import type { Plan } from '@sluice/operator/core/plan.ts';
import type { ObservedPod } from '@sluice/operator/core/pods/observed.ts';
import { SinceWhen } from '@sluice/operator/shell/measure/since-when.ts';
import type { SimulatedCluster } from './cluster.ts';
import type { SimulatedGateways } from './gateways.ts';
import { type Clock, gatewaySettings, name, type Stored, settings } from './objects.ts';
import type { OperatorWrites } from './operator-writes.ts';

export const caches = ['deployment', 'children', 'versions', 'table', 'gatewayPods'] as const;
export type CacheName = (typeof caches)[number];

/** What the operator is put into. */
export type Place = {
  readonly clock: Clock;
  readonly cluster: SimulatedCluster;
  readonly gateways: SimulatedGateways;
  readonly writes: OperatorWrites;
};

const forever = Number.POSITIVE_INFINITY;

export class SimulatedOperator {
  readonly #place: Place;
  /** What its clock is ahead of the world's; milliseconds. */
  #aheadMs = 0;
  #cache: Stored;
  #readings = new Map<string, GatewayReading>();
  #since = new SinceWhen();

  constructor(place: Place) {
    this.#place = place;
    this.#cache = this.#stored();
  }

  get now(): number {
    return this.#place.clock.now + this.#aheadMs;
  }

  /** A new process, perhaps on a machine with another clock, lists everything anew and has asked no gateway pod yet. */
  restart(aheadMs = this.#aheadMs): void {
    this.#aheadMs = aheadMs;
    this.#cache = this.#stored();
    this.#readings = new Map();
    this.#since = new SinceWhen();
    this.#place.gateways.becomeKnown();
  }

  /** A cache catches up. */
  watch(cache: CacheName): void {
    const { deployment, resourceVersion, revisions, workloads, pods, jobs, ...rest } = this.#stored();
    if (cache === 'deployment') Object.assign(this.#cache, { deployment, resourceVersion });
    else if (cache === 'children') Object.assign(this.#cache, { revisions, workloads, pods, jobs });
    else Object.assign(this.#cache, { [cache]: rest[cache] });
    if (cache === 'gatewayPods') this.#place.gateways.becomeKnown();
  }

  watchAll(): void {
    for (const cache of caches) this.watch(cache);
  }

  /** A gateway pod answers what it knows and has counted. */
  read(at: number): void {
    const envoy = this.#place.gateways.at(at);
    if (!envoy?.isReady) return;
    this.#readings.set(envoy.uid, { podUid: envoy.uid, report: envoy.state(name), at: this.now });
  }

  /** One round of the ModelDeployment controller, ended after `life` writes. */
  reconcileDeployment(life = forever): void {
    if (!this.#place.writes.survives(life, () => this.#roundOfDeployment())) this.restart();
  }

  /** One round of the gateway controller, ended after `life` writes. */
  reconcileGateway(life = forever): void {
    if (!this.#place.writes.survives(life, () => this.#roundOfGateway())) this.restart();
  }

  #stored = (): Stored => ({ ...this.#place.cluster.stored(), gatewayPods: this.#place.gateways.pods() });

  #readingsOf = (pods: readonly ObservedPod[]): GatewayReading[] =>
    pods.flatMap(({ metadata }) => this.#readings.get(metadata.uid) ?? []);

  #roundOfDeployment(): void {
    const { cluster } = this.#place;
    const { deployment, resourceVersion, ...observed } = this.#cache;
    const seen = {
      ...observed,
      budgets: [],
      modelDeployment: deployment,
      claims: [],
      gatewayReadings: this.#readingsOf(observed.gatewayPods),
      gatewaySilences: [],
    };
    const inForceSince = this.#since.note(name, sharesInForce(seen, this.now), this.now);
    const plan = planModelDeployment({ ...seen, inForceSince }, this.now, settings);
    // As the round does: before its first write it asks whether the owner is as the decision saw it.
    if (resourceVersion !== cluster.resourceVersion) return;
    for (const child of plan.desired) cluster.apply(child);
    const isNews = JSON.stringify(plan.status) !== JSON.stringify(deployment.status);
    if (isNews && !plan.statusComesWithNext) cluster.writeStatus(plan.status);
    for (const { kind, metadata } of this.#superfluous(plan)) cluster.remove(kind, metadata);
  }

  /** Children in the caches that the plan does not want. */
  #superfluous({ desired }: Pick<Plan<object>, 'desired'>) {
    const { workloads, revisions, jobs } = this.#cache;
    const wanted = new Set(desired.map(({ manifest }) => `${manifest.kind}/${manifest.metadata.name}`));
    return [
      ...workloads.map(({ metadata }) => ({ kind: 'Deployment' as const, metadata })),
      ...revisions.map(({ metadata }) => ({ kind: 'ControllerRevision' as const, metadata })),
      ...jobs.map(({ metadata }) => ({ kind: 'Job' as const, metadata })),
    ].filter(({ kind, metadata }) => !wanted.has(`${kind}/${metadata.name}`));
  }

  #roundOfGateway(): void {
    const { cluster } = this.#place;
    const { deployment, table, gatewayPods } = this.#cache;
    const backends = (deployment.status?.traffic ?? []).map(({ revision, wantedPercent }) => ({
      revision,
      percent: wantedPercent,
      requestTimeoutSeconds: 10,
    }));
    const requests = [{ deployment: name, port: deployment.status?.gateway?.port, backends }];
    const readings = this.#readingsOf(gatewayPods);
    const observed = { namespace: 'ml', wish: undefined, requests, table, pods: gatewayPods, readings };
    const plan = planGateway(observed, this.now, gatewaySettings);
    const isConflict = table?.version !== cluster.table?.version;
    if (plan && plan.table !== table && !isConflict) cluster.writeTable(plan.table);
  }
}
