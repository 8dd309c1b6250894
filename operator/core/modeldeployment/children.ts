// Puts together everything that a ModelDeployment owns.
import { outgrowsLeast } from '../locations/bundle-copy.ts';
import { labels } from '../names.ts';
import type { Child } from '../plan.ts';
import type { PodUser } from '../pods/restricted-pod.ts';
import { located } from './bundle-place.ts';
import { type Keeping, neededRevisions, pins } from './keep.ts';
import type { ModelDeploymentSettings, ObservedWorkload } from './observed.ts';
import { defaultsOf } from './pinned-defaults.ts';
import { type Revision, revisionManifest } from './revision.ts';
import { clientService, disruptionBudget, retainedRevision, revisionChildren } from './workloads.ts';

export type Wishes = {
  readonly wanted: Revision | undefined;
  /** Port of the deployment's listener in the gateway pods, once it has one. */
  readonly port: number | undefined;
  readonly settings: ModelDeploymentSettings;
};

/** The server Deployment of a revision. */
export const workloadOf = (workloads: readonly ObservedWorkload[], revision: string): ObservedWorkload | undefined =>
  workloads.find(({ metadata }) => metadata.labels?.[labels.revision] === revision);

/** Servers that are ready keep their user: to install the operator with another one restarts no model. */
function podUserOf(workload: ObservedWorkload | undefined, { podUser }: ModelDeploymentSettings): PodUser {
  const current = workload?.spec?.template?.spec?.securityContext;
  const isServing = (workload?.status?.readyReplicas ?? 0) > 0;
  if (!isServing || !current) return podUser;
  return current.runAsUser === undefined ? 'Cluster' : 'Fixed';
}

/** An earlier release gave 2 GiB to every copy: pods of a larger bundle were evicted for ever. */
function withRoom(revision: Revision, { versions }: Keeping['observed']): Revision {
  const { data } = revision;
  const bytes = versions.find(({ spec }) => spec.bundle.digest === data.digest)?.spec.bundle.bytes;
  return data.bytes === undefined && outgrowsLeast({ bytes }) ? { ...revision, data: { ...data, bytes } } : revision;
}

/** The whole owned set. A revision that serves although its pin was removed is left as it is. */
export function desiredChildren(keeping: Keeping, { wanted, port, settings }: Wishes): Child[] {
  const { observed, place } = keeping;
  const { modelDeployment } = observed;
  const needed = neededRevisions(keeping);
  const pinned = pins(observed, needed, wanted);
  const workloadSettings = (revision: string) => {
    const workload = workloadOf(observed.workloads, revision);
    const pinnedDefaults = defaultsOf(workload, settings.podDefaults);
    return { ...settings, pinnedDefaults, podUser: podUserOf(workload, settings) };
  };
  const serving = [...needed].flatMap((name): Child[] => {
    const pin = pinned.find(({ revision }) => revision.revision === name);
    if (!pin) return retainedRevision(modelDeployment, name);
    const record = [place.stable, place.candidate].find((each) => each?.revision === name);
    const workload = workloadOf(observed.workloads, name);
    const revision = located(observed, withRoom(pin.revision, observed), { record, workload });
    return revisionChildren(modelDeployment, revision, workloadSettings(name));
  });
  return [
    ...pinned.map(({ revision, number }): Child => {
      return { manifest: revisionManifest(modelDeployment, revision, number), lifetime: 'CreateOnce' };
    }),
    ...serving,
    ...(port === undefined ? [] : [clientService(modelDeployment, port, settings)]),
    ...(modelDeployment.spec.server.replicas > 1 ? [disruptionBudget(modelDeployment, settings)] : []),
  ];
}
