// What an end-to-end test does to the cluster, in the words of a user: apply, look, wait, break.
import { join } from 'node:path';
import { group, version } from '@sluice/crds/kind.ts';
import { kinds } from '@sluice/crds/kinds.ts';
import { parseAllDocuments } from 'yaml';
import { KubeClient } from '../../operator/kube/client.ts';
import { loadClusterAccess } from '../../operator/kube/cluster-access.ts';
import { isNotFound } from '../../operator/kube/errors.ts';
import type { KubeObject, Resource, Stored } from '../../operator/kube/objects.ts';
import { RESOURCES } from '../../operator/kube/resources.ts';
import { createTransport } from '../../operator/kube/transport.ts';
import { runCommand } from '../cluster/run-command.ts';

/** How test files find the cluster that setup.ts made. */
export type ClusterPlace = { kubeconfigPath: string; toolsPath: string; nodeAddress: string; name: string };

/** Of every kind of ours. */
export const apiVersion = `${group}/${version}`;

export type Conditioned = Stored & {
  spec?: Record<string, unknown>;
  status?: {
    conditions?: { type: string; status: string; reason?: string; message?: string }[];
    [field: string]: unknown;
  };
};

const resourceByKind = new Map<string, Resource>([
  ...kinds.map(({ kind, plural }) => [kind, { group, version, plural, kind, namespaced: true }] as const),
  ...Object.values(RESOURCES).map((resource) => [resource.kind, resource] as const),
]);

function resourceOf(kind: string): Resource {
  const resource = resourceByKind.get(kind);
  if (!resource) throw new Error(`test/e2e/world.ts knows no kind ${kind}`);
  return resource;
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** One line that says what an object is up to, for the message of a wait that ends in vain. */
function describeObject(object: Conditioned | undefined): string {
  if (!object) return 'it does not exist';
  const conditions = object.status?.conditions?.map(
    ({ type, status, reason, message }) => `${type}=${status} ${reason}: ${message}`,
  );
  return conditions?.join('\n  ') ?? JSON.stringify(object.status ?? {});
}

/** A cluster and one namespace of it, which is removed at the end. */
export class World {
  readonly place: ClusterPlace;
  readonly namespace: string;
  readonly #client: KubeClient;
  readonly #close: () => Promise<void>;

  private constructor(place: ClusterPlace, namespace: string, client: KubeClient, close: () => Promise<void>) {
    this.place = place;
    this.namespace = namespace;
    this.#client = client;
    this.#close = close;
  }

  /** Joins the cluster of this run and makes a namespace that admits only restricted pods. */
  static async open(namespace: string): Promise<World> {
    const place = JSON.parse(process.env['SLUICE_E2E_CLUSTER'] ?? 'null') as ClusterPlace | null;
    if (!place) throw new Error('run end-to-end tests with: npm test e2e');
    const access = await loadClusterAccess({ kubeconfig: place.kubeconfigPath });
    const transport = createTransport(access, { userAgent: 'sluice-e2e' });
    const client = new KubeClient(transport, { fieldManager: 'kubectl' });
    const world = new World(place, namespace, client, () => transport.close());
    const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
    await client.apply(RESOURCES.namespaces, {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: namespace, labels },
    });
    return world;
  }

  /** Removes the namespace with everything in it. */
  async close(): Promise<void> {
    await this.kubectl(['delete', 'namespace', this.namespace, '--wait=false']);
    await this.#close();
  }

  kubectl(args: readonly string[], input?: string): Promise<string> {
    const { toolsPath, kubeconfigPath } = this.place;
    return runCommand([join(toolsPath, 'kubectl'), `--kubeconfig=${kubeconfigPath}`, ...args], { input });
  }

  /** Applies YAML documents to the namespace, as `kubectl apply --server-side` does. */
  async apply(...manifests: readonly (string | object)[]): Promise<void> {
    const text = manifests.map((each) => (typeof each === 'string' ? each : JSON.stringify(each))).join('\n---\n');
    for (const document of parseAllDocuments(text)) {
      const object = document.toJS() as KubeObject | null;
      if (!object) continue;
      const metadata = { ...object.metadata, namespace: this.namespace };
      await this.#client.apply(resourceOf(object.kind), { ...object, metadata });
    }
  }

  async find(kind: string, name: string): Promise<Conditioned | undefined> {
    try {
      return await this.#client.get<Conditioned>(resourceOf(kind), { namespace: this.namespace, name });
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  async list(kind: string, labelSelector?: string): Promise<Conditioned[]> {
    const { items } = await this.#client.list<Conditioned>(resourceOf(kind), {
      namespace: this.namespace,
      labelSelector,
    });
    return items;
  }

  async remove(kind: string, name: string): Promise<void> {
    await this.kubectl(['delete', resourceOf(kind).plural, name, '--namespace', this.namespace, '--wait=false']);
  }

  /** Waits until `holds`; a wait in vain says what the object was up to. */
  async until(
    what: { kind: string; name: string; within?: number },
    holds: (object: Conditioned) => boolean,
  ): Promise<Conditioned> {
    const deadline = Date.now() + (what.within ?? 60) * 1000;
    for (;;) {
      const object = await this.find(what.kind, what.name);
      if (object && holds(object)) return object;
      if (Date.now() > deadline) {
        throw new Error(
          `${what.kind} ${what.name} did not get there within ${what.within ?? 60} s:\n  ${describeObject(object)}`,
        );
      }
      await pause(200);
    }
  }

  /** Waits until the condition has that status, and that reason if one is given. */
  untilCondition(
    what: { kind: string; name: string; within?: number },
    wanted: { type: string; status: string; reason?: string },
  ): Promise<Conditioned> {
    return this.until(what, (object) => {
      const found = condition(object, wanted.type);
      const isCurrent = object.status?.['observedGeneration'] === object.metadata.generation;
      return (
        isCurrent && found?.status === wanted.status && (wanted.reason === undefined || found.reason === wanted.reason)
      );
    });
  }

  /** Runs a command on the cluster's node. */
  onNode(command: readonly string[]): Promise<string> {
    return runCommand(['docker', 'exec', `sluice-${this.place.name}`, ...command]);
  }
}

/** The condition of that type. */
export const condition = (object: Conditioned, type: string) =>
  object.status?.conditions?.find((each) => each.type === type);
