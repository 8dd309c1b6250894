// The children of the simulated ModelDeployment: its Deployments with their controller, and its pinned revisions.
import type { ObservedRevision, ObservedWorkload } from '@sluice/operator/core/modeldeployment/observed.ts';
import { labels, revisionName } from '@sluice/operator/core/names.ts';
import type { Child, Manifest } from '@sluice/operator/core/plan.ts';
import { created, name, type Workload } from './objects.ts';

/** `write` carries an effect out, unless the operator dies before it. */
export class SimulatedChildren {
  readonly workloads = new Map<string, Workload>();
  /** Revisions none of whose pods becomes ready. */
  readonly broken = new Set<string>();
  /** Those, and all that were so before. */
  readonly everBroken = new Set<string>();
  /** Pods of each revision that find a node; all, where nothing is said. */
  readonly places = new Map<string, number>();
  readonly revisions = new Map<string, ObservedRevision>();
  readonly #write: (effect: () => void) => void;
  #uids = 0;

  constructor(write: (effect: () => void) => void) {
    this.#write = write;
  }

  /** The Deployment controller of one workload: notices its spec, or makes one more pod ready, or takes one away. */
  run(at: number): void {
    const workload = [...this.workloads.values()][at % Math.max(1, this.workloads.size)];
    if (!workload) return;
    if (this.broken.has(workload.revision)) workload.ready = 0;
    else if (workload.observed < workload.generation) workload.observed = workload.generation;
    else workload.ready += Math.sign(this.#wantedPods(workload) - workload.ready);
  }

  #wantedPods = ({ revision, replicas }: Workload) => Math.min(replicas, this.places.get(revision) ?? replicas);

  break(revision: string): void {
    this.broken.add(revision);
    this.everBroken.add(revision);
    const workload = this.workloads.get(revision);
    if (workload) workload.ready = 0;
  }

  /** What a child's write would do on an apiserver. */
  apply({ manifest, lifetime }: Child): void {
    const revision = manifest.metadata.labels?.[labels.revision] ?? '';
    if (manifest.kind === 'ControllerRevision' && !this.revisions.has(revision)) this.#pin(manifest, revision);
    if (manifest.kind !== 'Deployment' || lifetime !== 'Managed') return;
    const { replicas } = manifest['spec'] as { replicas: number };
    const live = this.workloads.get(revision);
    if (!live) this.#write(() => this.workloads.set(revision, this.#workload(revision, replicas)));
    else if (live.replicas !== replicas) {
      this.#write(() => Object.assign(live, { replicas, generation: live.generation + 1 }));
    }
  }

  #pin({ metadata, ...rest }: Manifest, revision: string): void {
    const stored = {
      ...rest,
      metadata: { ...metadata, uid: this.#uid(), creationTimestamp: created.creationTimestamp },
    };
    this.#write(() => this.revisions.set(revision, stored as unknown as ObservedRevision));
  }

  #workload(revision: string, replicas: number): Workload {
    return {
      uid: this.#uid(),
      revision,
      replicas,
      generation: 1,
      observed: 0,
      ready: 0,
    };
  }

  #uid(): string {
    this.#uids += 1;
    return `uid-${this.#uids}`;
  }

  remove(kind: string, uid: string): void {
    for (const [revision, each] of kind === 'Deployment' ? this.workloads : this.revisions) {
      const found = 'metadata' in each ? each.metadata.uid : each.uid;
      if (found !== uid) continue;
      this.#write(() => (kind === 'Deployment' ? this.workloads : this.revisions).delete(revision));
    }
  }

  storedWorkloads(): ObservedWorkload[] {
    const own = (revision: string) => ({
      ...created,
      name: revisionName(name, revision),
      labels: { [labels.revision]: revision },
    });
    return [...this.workloads.values()].map(({ uid, revision, replicas, generation, observed, ready }) => ({
      metadata: { ...own(revision), uid, generation },
      spec: { replicas },
      status: { observedGeneration: observed, replicas: ready, updatedReplicas: ready, readyReplicas: ready },
    }));
  }
}
