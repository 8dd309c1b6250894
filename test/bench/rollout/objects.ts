// The objects of the benchmark of rollouts: ModelDeployments whose versions lie there, and plain Deployments beside them.
import { createHash } from 'node:crypto';
import { group, version } from '@sluice/crds/kind.ts';
import { labels } from '@sluice/operator/core/names.ts';
import type { KubeClient } from '@sluice/operator/kube/client.ts';
import type { KubeObject } from '@sluice/operator/kube/objects.ts';
import { resources } from '@sluice/operator/shell/resources.ts';
import { inParallel } from '../../in-parallel.ts';
import { claimName } from '../control-plane/workload.ts';

const apiVersion = `${group}/${version}`;

/** Namespaces: one for rollouts, one for plain Deployments, one for the table of the real Envoy, and those that only rest. */
export const rolloutNamespaces = {
  rollouts: 'bench-rollouts',
  plain: 'bench-deployments',
  push: 'bench-push',
  resting: ['bench-rest-0', 'bench-rest-1', 'bench-rest-2', 'bench-rest-3', 'bench-rest-4'],
} as const;

export const allRolloutNamespaces: readonly string[] = Object.values(rolloutNamespaces).flat();

/** Two steps that time alone decides. @param seconds that each lasts: both together are the pauses of the rollout. */
export const stepsOf = (seconds: number) => [
  { name: 'first', weightPercent: 20, minSeconds: seconds },
  { name: 'second', weightPercent: 50, minSeconds: seconds },
];

/** Where a ModelDeployment is, how many pods each of its revisions has, and how long its steps last. */
export type Wish = { readonly namespace: string; readonly replicas: number; readonly stepSeconds: number };

export const versionName = (name: string, number: number) => `${name}-${number}`;

/** A ModelDeployment of a model of its own, pinned to a version of it. */
export const modelDeployment = (name: string, number: number, { namespace, replicas, stepSeconds }: Wish): KubeObject =>
  ({
    apiVersion,
    kind: 'ModelDeployment',
    metadata: { name, namespace },
    spec: {
      model: { name, version: versionName(name, number) },
      server: { replicas, requestTimeoutSeconds: 1 },
      rollout: { steps: stepsOf(stepSeconds), bakeSeconds: 0 },
    },
  }) as KubeObject;

function modelVersion(model: string, number: number, namespace: string): KubeObject {
  const hex = createHash('sha256').update(`${namespace} ${model} ${number}`).digest('hex');
  const bundle = { uri: `pvc://${claimName}/${model}/sha256-${hex}`, digest: `sha256:${hex}`, format: 'TFJSLayers' };
  const metadata = { name: versionName(model, number), namespace };
  return { apiVersion, kind: 'ModelVersion', metadata, spec: { modelName: model, number, bundle } } as KubeObject;
}

/** What a ModelVersion says whose bundle was found to be whole. */
function verified(now: string) {
  const message = 'imported: its bundle has the digest that it claims. A ModelDeployment can serve it.';
  const ready = { type: 'Ready', status: 'True', reason: 'Imported', message, observedGeneration: 1 };
  return { observedGeneration: 1, conditions: [{ ...ready, lastTransitionTime: now }] };
}

/** Stores versions as verified ones. No operator may run meanwhile: it would verify them. */
export async function storeVersions(
  client: KubeClient,
  namespace: string,
  { models, numbers }: { readonly models: readonly string[]; readonly numbers: readonly number[] },
): Promise<void> {
  const status = verified(`${new Date().toISOString().slice(0, 19)}Z`);
  const all = models.flatMap((model) => numbers.map((number) => modelVersion(model, number, namespace)));
  await inParallel(all, 16, async (object) => {
    await client.create(resources.modelVersions, object);
    await client.applyStatus(resources.modelVersions, { ...object, metadata: object.metadata, status });
  });
}

/** A plain Deployment of one pod, as a bound: what the cluster's own controllers and nodes need for a new revision. */
export const plainDeployment = (name: string, revision: number): KubeObject =>
  ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: rolloutNamespaces.plain },
    spec: {
      replicas: 1,
      selector: { matchLabels: { app: name } },
      template: {
        // By this its node knows that it goes on running.
        metadata: { labels: { app: name, [labels.component]: 'server' } },
        spec: { containers: [{ name: 'server', image: `plain:${revision}` }] },
      },
    },
  }) as KubeObject;
