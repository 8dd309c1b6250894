// Decides which revisions keep their pods, and which are only remembered.

import type { Share } from '../../traffic/shares.ts';
import type { Place } from '../choice/place.ts';
import type { ModelDeploymentObserved } from '../observed.ts';
import { type Revision, revisionLabel } from './revision.ts';

/** Pinned revisions that are remembered after they served, newest first: a way back needs them. */
const revisionHistory = 5;

export type Keeping = {
  readonly observed: ModelDeploymentObserved;
  readonly place: Place;
  readonly shares: readonly Share[];
  /** Whether every gateway pod is known to have exactly these shares, so that none sends anything elsewhere. */
  readonly isSettled: boolean;
};

/** Revisions that have, had, or shall have requests. While a gateway lags, nothing that runs is taken away. */
export function neededRevisions({ observed, place, shares, isSettled }: Keeping): Set<string> {
  const { table, workloads, modelDeployment } = observed;
  const name = modelDeployment.metadata.name;
  const routed = table?.routes.find(({ deployment }) => deployment === name)?.backends ?? [];
  return new Set([
    ...[place.stable, place.candidate].flatMap((record) => record?.revision ?? []),
    ...shares.map(({ revision }) => revision),
    ...routed.map(({ revision }) => revision),
    ...(isSettled ? [] : workloads.map(revisionLabel).filter((revision) => revision !== '')),
  ]);
}

/** A revision to pin, its number in the order of age, and whether it is not pinned yet. */
export type Pin = { readonly revision: Revision; readonly number: number; readonly isNew: boolean };

/** The revisions to pin: those that are needed, and the newest others. */
export function pins(
  { revisions }: ModelDeploymentObserved,
  needed: ReadonlySet<string>,
  wanted: Revision | undefined,
): Pin[] {
  const newestFirst = revisions.toSorted((a, b) => b.revision - a.revision);
  const idle = newestFirst.filter((each) => !needed.has(revisionLabel(each))).slice(0, revisionHistory);
  const known = newestFirst
    .filter((each) => needed.has(revisionLabel(each)) || idle.includes(each))
    .map((each) => ({
      revision: { revision: revisionLabel(each), data: each.data },
      number: each.revision,
      isNew: false,
    }));
  const isNew =
    wanted && needed.has(wanted.revision) && !known.some(({ revision }) => revision.revision === wanted.revision);
  return isNew ? [...known, { revision: wanted, number: (newestFirst[0]?.revision ?? 0) + 1, isNew: true }] : known;
}
