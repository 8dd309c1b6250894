// What the played pods of one namespace need to know of it: how its models behave, and where its operator answers.
import { annotations, labels, revisionName } from '@sluice/operator/core/names.ts';
import type { Store } from '@sluice/operator/kube/cache/store.ts';
import type { KubeObject, Stored } from '@sluice/operator/kube/objects.ts';
import type { PlayedHop } from './played-hop.ts';
import { type Quality, sound } from './quality.ts';

/** How the world of one run behaves. */
export interface Behaviour {
  /** Where gateway pods ask the operator, for example `127.0.0.1:40123`. */
  readonly xdsAddress: string;
  /** By what they and the operator know each other. */
  readonly hop: PlayedHop;
  /** Versions that are not sound, by name. */
  readonly qualities: Readonly<Record<string, Quality>>;
  /** Attempts of TrainingJobs that run out of memory, as `<job>/<attempt>`. */
  readonly outOfMemory: readonly string[];
  /** How long a trainer or an evaluator works. */
  readonly workMs: number;
  /** Requests that each gateway pod gets, over all its listeners; 1000 when absent. */
  readonly requestsPerSecond?: number;
  /** The address that the apiserver is told of a pod that listens on this one of the loopback network; that one when absent. */
  addressInCluster?(listensOn: string): string;
}

/** A pod as the played node reads it. */
export interface Pod extends KubeObject {
  readonly spec: {
    readonly containers: readonly { readonly name: string }[];
  };
  readonly status?: {
    readonly podIP?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

/** What the pod is told. */
export const orderOf = ({ metadata }: Pod): unknown => JSON.parse(metadata.annotations?.[annotations.order] ?? 'null');

const isReady = ({ status, metadata }: Stored<Pod>) =>
  metadata.deletionTimestamp === undefined &&
  status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') === true;

/** The Envoy cluster that a pod is a host of; none of a pod that is no server. */
function clusterOf({ metadata }: Stored<Pod>): string[] {
  const {
    [labels.component]: component,
    [labels.modelDeployment]: owner,
    [labels.revision]: revision,
  } = metadata.labels ?? {};
  return component === 'server' ? [revisionName(owner ?? '', revision ?? '')] : [];
}

/** One namespace, seen through the pods in it. */
export class PlayedNamespace {
  readonly name: string;
  readonly behaviour: Behaviour;
  readonly #pods: Store<Pod>;
  /** By ModelDeployment, requests that a gateway could send nowhere: the revision it chose had no ready pod. */
  readonly lostRequests = new Map<string, number>();

  constructor(name: string, behaviour: Behaviour, pods: Store<Pod>) {
    this.name = name;
    this.behaviour = behaviour;
    this.#pods = pods;
  }

  /** Ready server pods behind an Envoy cluster, `<deployment>-<revision>`: what DNS would answer. */
  hostsOf(cluster: string): number {
    return this.#serversOf(cluster).filter(isReady).length;
  }

  /** The same of every cluster that has any. */
  hosts(): ReadonlyMap<string, number> {
    const ready = this.#pods.inNamespace(this.name).filter(isReady).flatMap(clusterOf);
    return ready.reduce(
      (hosts, cluster) => hosts.set(cluster, (hosts.get(cluster) ?? 0) + 1),
      new Map<string, number>(),
    );
  }

  /** How the version behind an Envoy cluster answers. */
  qualityOf(cluster: string): Quality {
    const version = this.#serversOf(cluster)[0]?.metadata.labels?.[labels.modelVersion] ?? '';
    return this.behaviour.qualities[version] ?? sound;
  }

  lose(deployment: string, requests: number): void {
    this.lostRequests.set(deployment, (this.lostRequests.get(deployment) ?? 0) + requests);
  }

  #serversOf(cluster: string): Stored<Pod>[] {
    return this.#pods.inNamespace(this.name).filter((pod) => clusterOf(pod).includes(cluster));
  }
}
