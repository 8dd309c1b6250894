// What an end-to-end test does to the cluster, in the words of a user: apply, look, wait, break.
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { group, version } from '@sluice/crds/kind.ts';
import { kinds } from '@sluice/crds/kinds.ts';
import { parseAllDocuments } from 'yaml';
import { loadClusterAccess } from '../../operator/kube/access/cluster-access.ts';
import { KubeClient } from '../../operator/kube/client.ts';
import { isNotFound } from '../../operator/kube/errors.ts';
import type { KubeObject, Resource, Stored } from '../../operator/kube/objects.ts';
import { RESOURCES } from '../../operator/kube/resources.ts';
import { createTransport } from '../../operator/kube/transport/transport.ts';
import { runCommand } from '../cluster/run-command.ts';
import { explain, type Named } from './explain.ts';

/** How test files find the cluster that setup.ts made. */
export type ClusterPlace = {
  readonly kubeconfigPath: string;
  readonly toolsPath: string;
  readonly nodeAddress: string;
  readonly name: string;
  /** Image with Node 22 that the cluster has. */
  readonly nodeImage: string;
};

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

type Wish = {
  /** What is waited for, for the message of a wait that ends in vain. */
  readonly what: string;
  /** Seconds; 60 when absent. */
  readonly within?: number | undefined;
  /** What there is instead, for the same message. */
  readonly instead?: () => Promise<string>;
};

/** Asks again and again until there is an answer. */
async function eventually<T>({ what, within = 60, instead }: Wish, probe: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + within * 1000;
  for (;;) {
    const answer = await probe();
    if (answer !== undefined) return answer;
    if (Date.now() > deadline) {
      throw new Error(`${what}: not there within ${within} s${instead ? `; instead:\n${await instead()}` : ''}`);
    }
    await pause(200);
  }
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

  /** Joins the cluster of this run and makes a namespace of its own that admits only restricted pods. */
  static async open(purpose: string): Promise<World> {
    const namespace = `${purpose}-${randomBytes(3).toString('hex')}`;
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

  /** Merges into an object, as `kubectl patch --type=merge` does. */
  async patch(kind: string, name: string, change: object): Promise<void> {
    const { plural } = resourceOf(kind);
    const patch = ['patch', plural, name, '--type=merge', `--patch=${JSON.stringify(change)}`];
    await this.kubectl(['--namespace', this.namespace, ...patch]);
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

  async remove(kind: string, name: string, ...flags: string[]): Promise<void> {
    const target = [resourceOf(kind).plural, name, '--namespace', this.namespace];
    await this.kubectl(['delete', ...target, '--wait=false', ...flags]);
  }

  /** Asks again and again; a question in vain prints what happened in the namespace, and the whole object that it is about. */
  eventually<T>({ about, ...wish }: Wish & { about?: Named }, probe: () => Promise<T | undefined>): Promise<T> {
    return eventually({ ...wish, instead: () => explain(this, about) }, probe);
  }

  /** Waits until `holds`; a wait in vain prints the object's whole status, and what happened around it. */
  async until(
    what: { kind: string; name: string; within?: number },
    holds: (object: Conditioned) => boolean,
  ): Promise<Conditioned> {
    const probe = async () => {
      const object = await this.find(what.kind, what.name);
      return object && holds(object) ? object : undefined;
    };
    return this.eventually({ what: `${what.kind} ${what.name}`, within: what.within, about: what }, probe);
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
