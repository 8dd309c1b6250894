// What the simulated apiserver holds of the namespace, and what people, the operator and Kubernetes change in it.
import { type ModelDeploymentStatus, modelDeploymentStatusSchema } from '@sluice/crds/v1alpha1/model-deployment.ts';
import type { RoutingTable } from '@sluice/operator/core/gateway/routes.ts';
import type { ModelDeployment, ServableVersion } from '@sluice/operator/core/modeldeployment/observed.ts';
import { labels } from '@sluice/operator/core/names.ts';
import type { Child } from '@sluice/operator/core/plan.ts';
import { SimulatedChildren } from './children.ts';
import { SimulatedEvaluations } from './evaluations.ts';
import { created, name, type Stored, specOf, version } from './objects.ts';
import type { OperatorWrites } from './operator-writes.ts';
import { good, type Quality } from './quality.ts';
import { SimulatedServerPods } from './server-pods.ts';

export class SimulatedCluster {
  readonly #children: SimulatedChildren;
  readonly #serverPods = new SimulatedServerPods();
  readonly #evaluations = new SimulatedEvaluations();
  readonly #versions = new Map<number, ServableVersion>();
  readonly #qualities = new Map<string, Quality>();
  readonly #writes: OperatorWrites;
  #table: RoutingTable | undefined;
  #resourceVersion = 1;
  #deployment: ModelDeployment = {
    metadata: { ...created, name, uid: 'deployment', generation: 1 },
    spec: specOf({ server: { replicas: 2 } }),
    status: undefined,
  };

  constructor(writes: OperatorWrites) {
    this.#writes = writes;
    this.#children = new SimulatedChildren((effect) => writes.do(effect));
  }

  /** Is told of every status that the operator writes, and of the one before. */
  onStatus: (status: ModelDeploymentStatus, before: ModelDeploymentStatus | undefined) => void = () => {};

  get spec() {
    return this.#deployment.spec;
  }

  get status() {
    return this.#deployment.status;
  }

  get generation(): number {
    return this.#deployment.metadata.generation;
  }

  get resourceVersion(): number {
    return this.#resourceVersion;
  }

  get table() {
    return this.#table;
  }

  get revisionsThatRun(): string[] {
    return [...this.#children.workloads.keys()];
  }

  get #workloads() {
    return [...this.#children.workloads.values()];
  }

  hasBroken = (revision: string): boolean => this.#children.everBroken.has(revision);

  readyPods = (revision: string): number => this.#children.workloads.get(revision)?.ready ?? 0;

  qualityOf = (revision: string): Quality =>
    this.#qualities.get(this.#children.revisions.get(revision)?.data.version ?? '') ?? good;

  /** All of it but the gateway pods. */
  stored = (): Omit<Stored, 'gatewayPods'> => ({
    deployment: this.#deployment,
    resourceVersion: this.#resourceVersion,
    revisions: [...this.#children.revisions.values()],
    versions: [...this.#versions.values()],
    table: this.#table,
    pods: [...this.#evaluations.pods(), ...this.#workloads.flatMap((each) => this.#serverPods.of(each))],
    jobs: this.#evaluations.jobs(),
    workloads: this.#children.storedWorkloads(),
  });

  // What people do.

  publish(number: number): void {
    this.#versions.set(number, version(number));
  }

  removeVersion(number: number): void {
    this.#versions.delete(number);
  }

  /** What a version is like from now on. */
  behave(number: number, quality: Partial<Quality>): void {
    this.#qualities.set(`digits-${number}`, { ...good, ...quality });
  }

  /** Replaces fields of the spec; the same manifest again changes nothing, as on an apiserver. */
  change(fields: object): void {
    const { metadata, spec } = this.#deployment;
    const changed = specOf({ ...spec, ...fields });
    if (JSON.stringify(changed) === JSON.stringify(spec)) return;
    this.#deployment = {
      ...this.#deployment,
      metadata: { ...metadata, generation: metadata.generation + 1 },
      spec: changed,
    };
    this.#resourceVersion += 1;
  }

  changeServer(server: object): void {
    this.change({ server: { ...this.#deployment.spec.server, ...server } });
  }

  pin(number: number | undefined): void {
    this.change({ model: number === undefined ? { name, track: 'Latest' } : { name, version: `digits-${number}` } });
  }

  loseTable(): void {
    this.#table = undefined;
  }

  // What Kubernetes does.

  /** The Deployment controller looks at one of the workloads. */
  runWorkload(at: number): void {
    this.#children.run(at);
  }

  /** It looks at all of them, as often as it takes. */
  runWorkloads(): void {
    for (let at = 0; at < this.#children.workloads.size; at += 1)
      for (let pod = 0; pod < 4; pod += 1) this.#children.run(at);
  }

  /** None of the revision's pods is ready, until they are mended. */
  breakPods(revision: string): void {
    this.#children.break(revision);
  }

  mendPods(revision: string): void {
    this.#children.broken.delete(revision);
  }

  /** Pods that crash end a second after their start. */
  crash(now: number): void {
    for (const each of this.#workloads.filter(({ revision }) => this.qualityOf(revision).crashes)) {
      this.#serverPods.end(each, now - 1000, now);
    }
  }

  /** The node of all pods of the revision begins again, an hour after they did. */
  rebootNode(revision: string, now: number): void {
    const workload = this.#children.workloads.get(revision);
    if (workload) this.#serverPods.end(workload, now - 3_600_000, now);
  }

  /** No more than so many pods of the revision find a node, from now on. */
  limitPods(revision: string, places: number): void {
    this.#children.places.set(revision, places);
  }

  mendAllPods(): void {
    this.#children.broken.clear();
  }

  // What the operator writes.

  apply(child: Child): void {
    const { manifest } = child;
    if (manifest.kind !== 'Job') {
      this.#children.apply(child);
      return;
    }
    if (this.#evaluations.has(manifest.metadata.name)) return;
    const live = this.status?.stable?.revision;
    const candidate = this.qualityOf(manifest.metadata.labels?.[labels.revision] ?? '').right;
    const isLiveAsked = live !== undefined && JSON.stringify(manifest).includes(`${name}-${live}`);
    const ofLive = live !== undefined && this.readyPods(live) > 0 ? this.qualityOf(live).right : ('NoAnswer' as const);
    const right = { candidate, live: isLiveAsked ? ofLive : undefined };
    this.#writes.do(() => this.#evaluations.add(manifest, right));
  }

  remove(kind: 'ControllerRevision' | 'Deployment' | 'Job', { name, uid }: { name: string; uid: string }): void {
    if (kind === 'Job') this.#writes.do(() => this.#evaluations.remove(name));
    else this.#children.remove(kind, uid);
  }

  /** An apiserver refuses a status that does not fit the schema. */
  writeStatus(status: ModelDeploymentStatus): void {
    modelDeploymentStatusSchema.parse(status);
    this.#writes.do(() => {
      this.#writes.ofStatus += 1;
      this.onStatus(status, this.status);
      this.#deployment = { ...this.#deployment, status };
      this.#resourceVersion += 1;
    });
  }

  writeTable(table: RoutingTable): void {
    this.#writes.do(() => {
      this.#table = table;
    });
  }
}
