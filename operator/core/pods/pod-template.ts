// Puts the wishes of the installation, and of the object that a pod is made for, on a pod template: the one place for
// every pod of ours. A template without wishes is left as it is.
import type { PodDefaults } from '@sluice/crds/pod-defaults.ts';
import type { PodMetadata } from '@sluice/crds/pods/pod-metadata.ts';
import type { Manifest } from '../plan.ts';
import { cpuLimit } from './cpu-limit.ts';
import { placement } from './restricted-pod.ts';

type Labels = Readonly<Record<string, string>>;
type Quantities = Readonly<Record<string, string | undefined>>;

type Container = {
  readonly name?: string | undefined;
  readonly image?: string | undefined;
  readonly imagePullPolicy?: string | undefined;
  readonly env?: readonly { readonly name: string; readonly value?: string | undefined }[] | undefined;
  readonly resources: { readonly requests: Quantities; readonly limits: Quantities };
};

/** The part of a pod that wishes concern. */
type Placed = {
  readonly nodeSelector?: Labels | undefined;
  readonly tolerations?: readonly object[] | undefined;
  readonly imagePullSecrets?: readonly object[] | undefined;
};

type PodSpec = Placed & {
  readonly [field: string]: unknown;
  readonly containers: readonly Container[];
  readonly initContainers?: readonly Container[] | undefined;
};

type Metadata = { readonly labels: Labels; readonly annotations?: Labels };

/** Of what pods are made. */
export type PodTemplate = { readonly metadata: Metadata; readonly spec: PodSpec };

/** A Job or a Deployment, before anything was wished. */
type PodMaker = Manifest & {
  readonly metadata: Metadata;
  readonly spec: { readonly template: PodTemplate; readonly [field: string]: unknown };
};

/** What goes on a pod besides what makes it work. */
export type PodWishes = { readonly defaults: PodDefaults; readonly metadata?: PodMetadata | undefined };

/** The lists of containers of a pod, init containers where it has any, with `change` made to each. */
export const changedContainers = <Changed>(
  { initContainers, containers }: Pick<PodSpec, 'initContainers' | 'containers'>,
  change: (container: Container) => Changed,
) => ({
  ...(initContainers && { initContainers: initContainers.map(change) }),
  containers: containers.map(change),
});

/**
 * The template with everything that is wished for. What is nearer wins: a field of the template before the object's
 * metadata, that before the installation's. Node labels, labels and annotations are put together by their keys;
 * tolerations and pull secrets are those of both.
 */
export function wishedTemplate<Template extends PodTemplate>(template: Template, wishes: PodWishes) {
  const { defaults } = wishes;
  const limited = (container: Container) => limitedContainer(container, defaults.resources);
  return {
    metadata: wishedMetadata(template.metadata, wishes),
    spec: {
      ...placed(template.spec, placement(defaults.scheduling)),
      ...changedContainers(template.spec, limited),
    },
  };
}

/** A Job or Deployment with everything that is wished for, on itself and on its pods. */
export const wishedManifest = (manifest: PodMaker, wishes: PodWishes): Manifest => ({
  ...manifest,
  metadata: { ...manifest.metadata, ...wishedMetadata(manifest.metadata, wishes) },
  spec: { ...manifest.spec, template: wishedTemplate(manifest.spec.template, wishes) },
});

/** Labels of an object that is made for such pods. */
export function wishedLabels(own: Labels, { defaults, metadata }: PodWishes): Labels {
  return { ...defaults.podMetadata.labels, ...metadata?.labels, ...own };
}

/** Labels and annotations of a pod, or of the Job or Deployment that makes it. */
export function wishedMetadata(own: Metadata, wishes: PodWishes): Metadata {
  const { defaults, metadata } = wishes;
  const annotations = { ...defaults.podMetadata.annotations, ...metadata?.annotations, ...own.annotations };
  return { labels: wishedLabels(own.labels, wishes), ...(Object.keys(annotations).length > 0 && { annotations }) };
}

function placed<Spec extends Placed>(own: Spec, wished: Placed) {
  return {
    ...wished,
    ...own,
    ...withBoth('nodeSelector', own, { ...wished.nodeSelector, ...own.nodeSelector }),
    ...withBoth('tolerations', own, union(own.tolerations, wished.tolerations)),
    ...withBoth('imagePullSecrets', own, union(own.imagePullSecrets, wished.imagePullSecrets)),
  };
}

/** A field that is in neither stays away, and an empty one of the template stays as it is. */
function withBoth<Value extends object>(field: keyof Placed, own: Placed, both: Value) {
  return Object.keys(both).length > 0 || own[field] !== undefined ? { [field]: both } : {};
}

/** Those of the object first, no two the same. */
function union(own: readonly object[] = [], wished: readonly object[] = []): object[] {
  const known = new Set(own.map((each) => JSON.stringify(each)));
  return [...own, ...wished.filter((each) => !known.has(JSON.stringify(each)))];
}

const storage = 'ephemeral-storage';

/** What the container says itself stays. */
function limitedContainer(container: Container, { cpuLimitPercent, ephemeralStorage }: PodDefaults['resources']) {
  // Of what others put into a pod nothing is asked.
  const { requests = {}, limits = {} } = container.resources;
  const cpu = cpuLimitPercent === undefined ? undefined : cpuLimit(requests['cpu'] ?? '', cpuLimitPercent);
  return {
    ...container,
    resources: {
      requests: { ...(ephemeralStorage && { [storage]: ephemeralStorage.request }), ...requests },
      limits: {
        ...(cpu !== undefined && { cpu }),
        ...(ephemeralStorage && { [storage]: ephemeralStorage.limit }),
        ...limits,
      },
    },
  };
}
