// A namespace with one ModelDeployment, folded forward by the real planners: everything else in it (apiserver, Deployment
// controller, DNS, Envoys) is simulated, comes late, and in any order. The operator sees caches, and may die at each write.
import type { ModelDeploymentSpec } from '@sluice/crds/v1alpha1/model-deployment.ts';
import type { GatewayReading } from '@sluice/operator/core/gateway/observed.ts';
import { planGateway } from '@sluice/operator/core/gateway/plan.ts';
import type { RoutingTable } from '@sluice/operator/core/gateway/routes.ts';
import type { ModelDeployment, ServableVersion } from '@sluice/operator/core/modeldeployment/observed.ts';
import { planModelDeployment } from '@sluice/operator/core/modeldeployment/plan.ts';
import { labels, revisionName } from '@sluice/operator/core/names.ts';
import type { Child } from '@sluice/operator/core/plan.ts';
import type { ObservedPod } from '@sluice/operator/core/pods/observed.ts';
import { SimulatedChildren } from './children.ts';
import { type PollType, pollTypes, SimulatedEnvoy } from './envoy.ts';
import { SimulatedEvaluations } from './evaluations.ts';
import { created, gatewaySettings, name, type Stored, settings, specOf, startedAt, version } from './objects.ts';
import { good, type Quality } from './quality.ts';

export const caches = ['deployment', 'children', 'versions', 'table', 'gatewayPods'] as const;
export type CacheName = (typeof caches)[number];

/** The operator process was ended in the middle of a round. */
class Killed extends Error {}

export class World {
  now = startedAt;
  /** Writes of the operator so far: a world at rest has no more of them. */
  writes = 0;
  /** Those of them that were writes of the status. */
  statusWrites = 0;
  readonly envoys: SimulatedEnvoy[] = [];
  /** Requests that each revision got so far. */
  readonly served = new Map<string, number>();
  /** Requests in a second to each gateway pod. */
  requestsPerSecond = 100;
  readonly #qualities = new Map<string, Quality>();
  readonly #evaluations = new SimulatedEvaluations();
  #envoyCount = 0;
  readonly #children = new SimulatedChildren((effect) => this.#write(effect));
  #versions = new Map<number, ServableVersion>();
  #table: RoutingTable | undefined;
  #deployment: ModelDeployment;
  #resourceVersion = 1;
  #cache: Stored;
  #readings = new Map<string, GatewayReading>();
  /** Writes after which the operator dies, if it is to die. */
  #life = Number.POSITIVE_INFINITY;

  constructor() {
    this.#deployment = {
      metadata: { ...created, name, uid: 'deployment', generation: 1 },
      spec: specOf({ server: { replicas: 2 } }),
      status: undefined,
    };
    this.addEnvoy();
    this.addEnvoy();
    this.#cache = this.#stored();
  }

  get status() {
    return this.#deployment.status;
  }

  get table() {
    return this.#table;
  }

  get revisionsThatRun(): string[] {
    return [...this.#children.workloads.keys()];
  }

  // What people do.

  publish(number: number): void {
    this.#versions.set(number, version(number));
  }

  removeVersion(number: number): void {
    this.#versions.delete(number);
  }

  changeSpec(server: object): void {
    this.change({ server: { ...this.#deployment.spec.server, ...server } });
  }

  /** Replaces fields of the spec; the same manifest again changes nothing, as on an apiserver. */
  change(fields: object): void {
    const spec = specOf({ ...this.#deployment.spec, ...fields });
    if (JSON.stringify(spec) !== JSON.stringify(this.#deployment.spec)) this.#replaceSpec(spec);
  }

  /** What a version is like from now on. */
  behave(number: number, quality: Partial<Quality>): void {
    this.#qualities.set(`digits-${number}`, { ...good, ...quality });
  }

  pin(number: number | undefined): void {
    const model = number === undefined ? { name, track: 'Latest' } : { name, version: `digits-${number}` };
    this.change({ model });
  }

  loseTable(): void {
    this.#table = undefined;
  }

  // What the cluster does.

  addEnvoy(): void {
    this.#envoyCount += 1;
    this.envoys.push(new SimulatedEnvoy(`envoy-${this.#envoyCount}`, this.now));
  }

  /** A gateway pod ends and another one takes its place; Kubernetes keeps one ready where it can. */
  replaceEnvoy(at: number): void {
    const [leaving] = this.envoys.splice(at % this.envoys.length, 1);
    if (leaving) leaving.isGone = true;
    this.addEnvoy();
  }

  startEnvoy(at: number): void {
    const envoy = this.envoys[at % this.envoys.length];
    envoy?.start(this.#table);
    if (envoy) this.#resolve(envoy);
  }

  poll(at: number, type: PollType): void {
    this.envoys[at % this.envoys.length]?.poll(type, this.#table);
  }

  resolve(at: number): void {
    const envoy = this.envoys[at % this.envoys.length];
    if (envoy) this.#resolve(envoy);
  }

  /** Clients send requests to every gateway pod. */
  serve(requests: number): void {
    for (const envoy of this.envoys) {
      for (const [revision, count] of envoy.serve(name, requests, (each) => this.#qualityOf(each))) {
        this.served.set(revision, (this.served.get(revision) ?? 0) + count);
      }
    }
  }

  /** None of the revision's pods is ready, until they are mended. */
  breakPods(revision: string): void {
    this.#children.break(revision);
  }

  mendPods(revision: string): void {
    this.#children.broken.delete(revision);
  }

  runWorkload(at: number): void {
    this.#children.run(at);
  }

  // What the operator does.

  watch(cache: CacheName): void {
    const { deployment, resourceVersion, revisions, workloads, ...rest } = this.#stored();
    if (cache === 'deployment') Object.assign(this.#cache, { deployment, resourceVersion });
    else if (cache === 'children')
      Object.assign(this.#cache, { revisions, workloads, pods: rest.pods, jobs: rest.jobs });
    else Object.assign(this.#cache, { [cache]: rest[cache] });
    if (cache === 'gatewayPods') for (const envoy of this.envoys) envoy.isKnown = envoy.isReady;
  }

  read(at: number): void {
    const envoy = this.envoys[at % this.envoys.length];
    if (envoy?.isReady)
      this.#readings.set(envoy.uid, { podUid: envoy.uid, report: envoy.state(name, this.now), at: this.now });
  }

  /** One round of the ModelDeployment controller, ended after `life` writes. */
  reconcileDeployment(life = Number.POSITIVE_INFINITY): void {
    this.#live(life, () => this.#roundOfDeployment());
  }

  reconcileGateway(life = Number.POSITIVE_INFINITY): void {
    this.#live(life, () => this.#roundOfGateway());
  }

  /** Every part of the world moves on until nothing changes; a second passes between two rounds. */
  settle(rounds = 200): void {
    for (let round = 0; round < rounds; round += 1) this.tick();
  }

  /** A second in which everything goes on, the Envoys too. */
  tick(): void {
    this.operatorTurn({ seconds: 1, answers: () => true });
    for (let at = 0; at < this.envoys.length; at += 1) {
      this.startEnvoy(at);
      for (const type of pollTypes) this.poll(at, type);
    }
  }

  /** Everything goes on but the Envoys' polls, and those answer the operator that `answers` picks. */
  operatorTurn({ seconds, answers }: { seconds: number; answers: (at: number) => boolean }): void {
    this.now += seconds * 1000;
    this.serve(seconds * this.requestsPerSecond);
    for (let at = 0; at < this.#children.workloads.size; at += 1)
      for (let pod = 0; pod < 4; pod += 1) this.#children.run(at);
    for (let at = 0; at < this.envoys.length; at += 1) {
      this.resolve(at);
      if (answers(at)) this.read(at);
    }
    for (const cache of caches) this.watch(cache);
    this.reconcileDeployment();
    for (const cache of caches) this.watch(cache);
    this.reconcileGateway();
  }

  /** What is wrong at this instant, if anything: a request that Envoy would send nowhere. */
  lostRequests(): string[] {
    return this.envoys
      .filter(({ isReady }) => isReady)
      .flatMap((envoy) => {
        const { known, weighted } = envoy.backends(name);
        return weighted.flatMap((revision) => {
          const hosts = envoy.hosts[revisionName(name, revision)] ?? 0;
          if (hosts === 0) return [`${envoy.uid} sends to ${revision}, of which it has found no pod`];
          if (!known.includes(revision)) return [`${envoy.uid} sends to ${revision}, whose cluster it does not have`];
          return (this.#children.workloads.get(revision)?.ready ?? 0) > 0
            ? []
            : [`${envoy.uid} sends to ${revision}, which has no pod`];
        });
      });
  }

  #replaceSpec(spec: ModelDeploymentSpec): void {
    const { metadata } = this.#deployment;
    this.#deployment = { ...this.#deployment, metadata: { ...metadata, generation: metadata.generation + 1 }, spec };
    this.#resourceVersion += 1;
  }

  #resolve(envoy: SimulatedEnvoy): void {
    const counts = envoy
      .backends(name)
      .known.map((revision) => [revisionName(name, revision), this.#children.workloads.get(revision)?.ready ?? 0]);
    envoy.hosts = Object.fromEntries(counts);
  }

  #live(life: number, round: () => void): void {
    this.#life = life;
    try {
      round();
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
      this.restart();
    }
  }

  /** A new process lists everything anew, and has asked no gateway pod yet. */
  restart(): void {
    this.#cache = this.#stored();
    this.#readings = new Map();
    for (const envoy of this.envoys) envoy.isKnown = envoy.isReady;
  }

  #write(effect: () => void): void {
    if (this.#life <= 0) throw new Killed();
    this.#life -= 1;
    this.writes += 1;
    effect();
  }

  #readingsOf(pods: readonly ObservedPod[]): GatewayReading[] {
    return pods.flatMap(({ metadata }) => this.#readings.get(metadata.uid) ?? []);
  }

  #roundOfDeployment(): void {
    const { deployment, resourceVersion, revisions, workloads, versions, table, gatewayPods, pods, jobs } = this.#cache;
    const observed = {
      modelDeployment: deployment,
      versions,
      revisions,
      workloads,
      pods,
      jobs,
      table,
      gatewayPods,
      gatewayReadings: this.#readingsOf(gatewayPods),
      gatewaySilences: [],
    };
    const plan = planModelDeployment(observed, this.now, settings);
    for (const child of plan.desired) this.#apply(child);
    const wanted = new Set(plan.desired.map(({ manifest }) => `${manifest.kind}/${manifest.metadata.name}`));
    const isCurrent = resourceVersion === this.#resourceVersion;
    for (const each of [...workloads, ...revisions]) {
      const kind = 'data' in each ? 'ControllerRevision' : 'Deployment';
      if (wanted.has(`${kind}/${each.metadata.name}`)) continue;
      if (!isCurrent) return;
      this.#children.remove(kind, each.metadata.uid);
    }
    for (const { metadata } of jobs) {
      if (wanted.has(`Job/${metadata.name}`)) continue;
      if (!isCurrent) return;
      this.#write(() => this.#evaluations.remove(metadata.name));
    }
    if (JSON.stringify(plan.status) === JSON.stringify(deployment.status)) return;
    if (!isCurrent) return;
    this.#write(() => {
      this.statusWrites += 1;
      this.#deployment = { ...this.#deployment, status: plan.status };
      this.#resourceVersion += 1;
    });
  }

  #qualityOf(revision: string): Quality {
    return this.#qualities.get(this.#children.revisions.get(revision)?.data.version ?? '') ?? good;
  }

  #apply(child: Child): void {
    const { manifest } = child;
    if (manifest.kind !== 'Job') {
      this.#children.apply(child);
      return;
    }
    if (this.#evaluations.has(manifest.metadata.name)) return;
    const live = this.status?.stable?.revision;
    const candidate = this.#qualityOf(manifest.metadata.labels?.[labels.revision] ?? '').right;
    const right = { candidate, live: live === undefined ? undefined : this.#qualityOf(live).right };
    this.#write(() => this.#evaluations.add(manifest, right));
  }

  /** One pod for each revision tells of the restarts of all. */
  #serverPods(): ObservedPod[] {
    return [...this.#children.workloads.keys()].map((revision) => ({
      metadata: { ...created, name: `${revision}-x`, uid: `pod-${revision}`, labels: { [labels.revision]: revision } },
      status: { containerStatuses: [{ name: 'server', restartCount: this.#qualityOf(revision).restarts }] },
    }));
  }

  #roundOfGateway(): void {
    const { deployment, table, gatewayPods } = this.#cache;
    const backends = (deployment.status?.traffic ?? []).map(({ revision, wantedPercent }) => ({
      revision,
      percent: wantedPercent,
      requestTimeoutSeconds: 10,
    }));
    const requests = [{ deployment: name, port: deployment.status?.gateway?.port, backends }];
    const readings = this.#readingsOf(gatewayPods);
    const plan = planGateway(
      { namespace: 'ml', requests, table, pods: gatewayPods, readings },
      this.now,
      gatewaySettings,
    );
    const isConflict = table?.version !== this.#table?.version;
    if (!plan || plan.table === table || isConflict) return;
    this.#write(() => {
      this.#table = plan.table;
    });
  }

  #stored(): Stored {
    return {
      deployment: this.#deployment,
      resourceVersion: this.#resourceVersion,
      revisions: [...this.#children.revisions.values()],
      versions: [...this.#versions.values()],
      table: this.#table,
      gatewayPods: this.envoys.map((envoy) => envoy.pod(created.creationTimestamp)),
      pods: [...this.#evaluations.pods(), ...this.#serverPods()],
      jobs: this.#evaluations.jobs(),
      workloads: this.#children.storedWorkloads(),
    };
  }
}
