// Puts together everything that a ModelDeployment owns.
import { outgrowsLeast } from '../locations/bundle-copy.ts';
import type { Child } from '../plan.ts';
import type { PodTemplate } from '../pods/pod-template.ts';
import type { ModelDeployment, ModelDeploymentSettings } from './observed.ts';
import { located } from './revision/bundle-place.ts';
import { type Keeping, neededRevisions, type Pin, pins } from './revision/keep.ts';
import { type Revision, revisionManifest } from './revision/revision.ts';
import { disruptionBudgets } from './workload/disruption.ts';
import { healedImage, withServerImage } from './workload/healed-image.ts';
import { defaultsOf } from './workload/pinned-defaults.ts';
import { podSettingsOf, withPodSettings } from './workload/pod-settings.ts';
import { scaledElsewhere, wantedReplicas } from './workload/scaling.ts';
import { workloadOf } from './workload/workload.ts';
import {
  type ClientPort,
  clientService,
  podTemplate,
  retainedRevision,
  revisionChildren,
} from './workload/workloads.ts';

export type Wishes = {
  readonly wanted: Revision | undefined;
  /** How clients reach it, once the gateway has a listener for it. */
  readonly clientPort: ClientPort | undefined;
  readonly settings: ModelDeploymentSettings;
};

/**
 * As it was pinned; where an earlier release pinned none, as it runs; built anew where its bundle is read elsewhere or needs
 * more room than it was pinned with.
 */
function templateOf(pin: Pin, { observed, place }: Keeping, settings: ModelDeploymentSettings): PodTemplate {
  const { revision: name, data } = pin.revision;
  const workload = workloadOf(observed.workloads, name);
  const podSettings = podSettingsOf(workload, settings);
  const record = [place.stable, place.candidate].find((each) => each?.revision === name);
  const revision = located(observed, withRoom(pin.revision, observed), { record, workload });
  const live = pin.isNew ? undefined : workload?.spec?.template;
  const pinned = revision.data === data ? (data.template ?? live) : undefined;
  const { metadata } = observed.modelDeployment;
  const template = pinned ?? podTemplate(metadata.name, revision, settings);
  return withPodSettings(withServerImage(template, healedImage(revision, observed, settings)), podSettings);
}

/** A revision is pinned with its pods. */
function pinManifest(deployment: ModelDeployment, { revision, number, isNew }: Pin, template: PodTemplate): Child {
  const pinned = isNew ? { ...revision, data: { ...revision.data, template } } : revision;
  return { manifest: revisionManifest(deployment, pinned, number), lifetime: 'CreateOnce' };
}

/** An earlier release gave 2 GiB to every copy: pods of a larger bundle were evicted for ever. */
function withRoom(revision: Revision, { versions }: Keeping['observed']): Revision {
  const { data } = revision;
  const bytes = versions.find(({ spec }) => spec.bundle.digest === data.digest)?.spec.bundle.bytes;
  return data.bytes === undefined && outgrowsLeast({ bytes }) ? { ...revision, data: { ...data, bytes } } : revision;
}

/** The whole owned set. A revision that serves although its pin was removed is left as it is. */
export function desiredChildren(keeping: Keeping, { wanted, clientPort, settings }: Wishes): Child[] {
  const { observed } = keeping;
  const { modelDeployment, budgets } = observed;
  const needed = neededRevisions(keeping);
  const pinned = pins(observed, needed, wanted).map((pin) => ({ pin, template: templateOf(pin, keeping, settings) }));
  const serving = pinned.filter(({ pin }) => needed.has(pin.revision.revision));
  const names = serving.map(({ pin }) => pin.revision.revision);
  const hasSeveral = (revision: string) => wantedReplicas(observed, revision) > 1;
  return [
    ...pinned.map(({ pin, template }) => pinManifest(modelDeployment, pin, template)),
    ...serving.flatMap(({ pin, template }) => {
      const { revision } = pin.revision;
      const replicas = scaledElsewhere(observed, revision) ? undefined : wantedReplicas(observed, revision);
      const pinnedDefaults = defaultsOf(workloadOf(observed.workloads, revision), settings.podDefaults);
      const image = healedImage(pin.revision, observed, settings);
      const pods = { template, pinnedDefaults, healedImage: image, replicas };
      return revisionChildren({ ...modelDeployment, revision, settings }, pods);
    }),
    ...[...needed].filter((name) => !names.includes(name)).flatMap((name) => retainedRevision(modelDeployment, name)),
    ...(clientPort === undefined ? [] : [clientService(modelDeployment, clientPort, settings)]),
    ...disruptionBudgets({ ...modelDeployment, settings }, names.filter(hasSeveral), budgets),
  ];
}
