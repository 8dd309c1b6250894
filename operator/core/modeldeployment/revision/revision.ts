// What a revision is: the model's bytes and everything that decides how they are served. Equal ingredients have equal
// names, so a model that comes back is known again.
import { canonicalJson, isSameJson } from '@sluice/crds/canonical-json.ts';
import { longestRequestSeconds, type ServerSettings } from '@sluice/crds/contract.ts';
import { canonicalQuantity } from '@sluice/crds/quantity.ts';
import type { ModelDeploymentStatus, Server } from '@sluice/crds/v1alpha1/model-deployment.ts';
import { commonLabels, labels, revisionName } from '../../names.ts';
import type { Manifest } from '../../plan.ts';
import type { ObservedMetadata } from '../../pods/observed.ts';
import type { PodTemplate } from '../../pods/pod-template.ts';
import type { Servable } from '../choice/choose.ts';
import type { ModelDeployment, ModelDeploymentSettings, ObservedRevision } from '../observed.ts';

const hashLength = 10;

/** The server gives at most half of its drain to new requests and the rest to those in flight; the contract's bounds. */
const drainSecondsFor = (requestTimeoutSeconds: number) =>
  Math.min(longestRequestSeconds, Math.max(20, 2 * requestTimeoutSeconds));

/**
 * Everything that is needed to build a revision's pods, pinned in its ControllerRevision when the revision is first
 * wanted: a new operator brings a new default image or other settings, and restarts no model with them.
 */
export type RevisionData = {
  readonly version: string;
  readonly digest: string;
  readonly uri: string;
  readonly modelName: string;
  /** Size of the bundle's files; absent in what an earlier release pinned. */
  readonly bytes?: number | 'Unknown' | undefined;
  readonly image: string;
  readonly resources: Server['resources'];
  readonly scheduling: Server['scheduling'];
  readonly settings: ServerSettings;
  /** Its pods, as they were first built, without what the installation wishes; absent where an earlier release pinned it. */
  readonly template?: PodTemplate | undefined;
};

export type Revision = { readonly revision: string; readonly data: RevisionData };

function serverSettings({ workers, queueSize, requestTimeoutSeconds, limits }: Server): ServerSettings {
  const drainSeconds = drainSecondsFor(requestTimeoutSeconds);
  const { requestBytes: maxRequestBytes, tensorElements: maxElements } = limits;
  return { workers, queueSize, requestTimeoutSeconds, drainSeconds, maxRequestBytes, maxElements };
}

/** A revision under the name of the version that asks for it: a retrained model with the same bytes is the same revision. */
export type WantedRevision = Revision & { readonly version: string };

/** What makes a revision another one. Neither replicas nor anything of the operator's settings is part of it. */
type Identity = Pick<RevisionData, 'digest' | 'modelName' | 'resources' | 'scheduling' | 'settings'>;

const inOneSpelling = ({ digest, modelName, resources, scheduling, settings }: Identity): Identity => {
  const quantities = Object.entries(resources).map(([name, value]) => [name, value && canonicalQuantity(value)]);
  return { digest, modelName, resources: { ...resources, ...Object.fromEntries(quantities) }, scheduling, settings };
};

const asWritten = ({ digest, modelName, resources, scheduling, settings }: Identity): Identity => ({
  ...{ digest, modelName, resources, scheduling, settings },
});

/** What of an identity its name was made of, in this release and in earlier ones; the newest first. */
const formulas: readonly ((identity: Identity) => Identity)[] = [inOneSpelling, asWritten];

/** Names that the status knows, those of most weight first. */
const knownNames = ({ stable, candidate, rejected = [], former = [] }: Partial<ModelDeploymentStatus>): string[] =>
  [stable, candidate, ...rejected, ...former].flatMap((each) => each?.revision ?? []);

/**
 * The name of a revision: the one under which it is known, whatever formula gave it, so that an upgrade makes no new
 * revision and forgets none that was refused; else by the newest formula.
 */
function nameOf(identity: Identity, status: ModelDeploymentStatus | undefined, names: Names): string {
  const { revisions, hash } = names;
  const pinnedAs = revisions
    .filter(({ data }) => data.digest === identity.digest && isSameJson(inOneSpelling(data), inOneSpelling(identity)))
    .map(revisionLabel);
  const texts = new Set(formulas.map((formula) => canonicalJson(formula(identity))));
  const possible = [...pinnedAs, ...[...texts].map((text) => hash(text).slice(0, hashLength))];
  return knownNames(status ?? {}).find((name) => possible.includes(name)) ?? possible[0] ?? '';
}

type Names = Pick<ModelDeploymentSettings, 'hash'> & { readonly revisions: readonly ObservedRevision[] };

/** The revision that serves `version` as the spec asks. One that was pinned before keeps what it was pinned with. */
export function revisionOf(
  { spec, status }: ModelDeployment,
  version: Servable,
  revisions: readonly ObservedRevision[],
  { serverImage, hash }: ModelDeploymentSettings,
): WantedRevision {
  const { name, digest, uri, bytes = 'Unknown' } = version;
  const { resources, scheduling } = spec.server;
  const identity = { digest, modelName: spec.model.name, resources, scheduling, settings: serverSettings(spec.server) };
  const revision = nameOf(identity, status, { revisions, hash });
  const data: RevisionData = { version: name, uri, bytes, image: serverImage, ...inOneSpelling(identity) };
  return { ...(pinnedRevision(revisions, revision) ?? { revision, data }), version: name };
}

/** The revision of that name as it was pinned. */
export function pinnedRevision(revisions: readonly ObservedRevision[], revision: string): Revision | undefined {
  const found = revisions.find(({ metadata }) => metadata.labels?.[labels.revision] === revision);
  return found && { revision, data: found.data };
}

/** Labels of everything that belongs to a revision. */
export const revisionLabels = (deployment: string, revision: string) => ({
  ...commonLabels('server'),
  [labels.modelDeployment]: deployment,
  [labels.revision]: revision,
});

/** The revision that a child of ours belongs to; empty when it says none. */
export const revisionLabel = ({ metadata }: { readonly metadata: ObservedMetadata }) =>
  metadata.labels?.[labels.revision] ?? '';

/** The ControllerRevision that pins a revision; `number` orders them by age. */
export function revisionManifest(
  { metadata }: ModelDeployment,
  { revision, data }: Revision,
  number: number,
): Manifest {
  return {
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: {
      name: revisionName(metadata.name, revision),
      namespace: metadata.namespace,
      labels: revisionLabels(metadata.name, revision),
    },
    revision: number,
    data,
  };
}
