// Decides which PodDisruptionBudgets stand: one for each revision. With one over all, pods of a candidate that cannot start
// would use up what may be missing, and no node of the live revision could be drained.
import { revisionName } from '../../names.ts';
import type { Child } from '../../plan.ts';
import { wishedLabels } from '../../pods/pod-template.ts';
import type { ObservedBudget } from '../observed.ts';
import { revisionLabel, revisionLabels } from '../revision/revision.ts';
import { type Owner, wishesBeside } from './workloads.ts';

/**
 * A drain of nodes takes one server pod of the revision at a time, and pods that are not ready at any time: they answer
 * nobody. The selector is the revision's own, which no pod of an evaluation and no other budget matches.
 */
const disruptionBudget = (owner: Owner, revision: string): Child => {
  const { metadata } = owner;
  const matchLabels = revisionLabels(metadata.name, revision);
  return {
    manifest: {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: {
        name: revisionName(metadata.name, revision),
        namespace: metadata.namespace,
        labels: wishedLabels(matchLabels, wishesBeside(owner)),
      },
      spec: { maxUnavailable: 1, unhealthyPodEvictionPolicy: 'AlwaysAllow', selector: { matchLabels } },
    },
    lifetime: 'Managed',
  };
};

/** An earlier release had one over all revisions. Two that match a pod make every eviction of it fail. */
const isOverAll = (budget: ObservedBudget) => revisionLabel(budget) === '';

/**
 * One for each revision, unless the budget of an earlier release is still there: it goes first.
 * @param revisions with several pods: the only pod of one would keep its node from ever being drained.
 */
export function disruptionBudgets(
  deployment: Owner,
  revisions: readonly string[],
  budgets: readonly ObservedBudget[],
): Child[] {
  if (budgets.some(isOverAll)) return [];
  return revisions.map((revision) => disruptionBudget(deployment, revision));
}
