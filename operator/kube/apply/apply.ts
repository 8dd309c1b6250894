// Makes an owner's children what they should be, with as few writes as possible, touching nothing that belongs to others.
import type { KubeClient } from '../client.ts';
import { planApply } from './apply-plan.ts';
import { type ApplyReport, type ApplyRequest, ApplyRound } from './apply-round.ts';

/**
 * Creates, updates and deletes until the children are the desired ones. No write comes before the apiserver has
 * confirmed that the owner is still as it was seen, and an update and a deletion name the UID and the resource version
 * that were seen: caches that are behind, and a former leader that goes on, change and remove nothing that lives, and
 * make nothing that was given up since.
 * @throws ApiError, NetworkError of the first write that fails; what could be done is done.
 */
export async function applyChildren(client: KubeClient, request: ApplyRequest): Promise<ApplyReport> {
  const made = await makeChildren(client, request);
  const { failure, refused } = made.report();
  if (failure) throw failure;
  await made.prune(false);
  const [first] = refused;
  if (first) throw first.cause;
  return made.report();
}

/** Children that are there, before any is removed. */
export interface MadeChildren {
  /** What was done so far. */
  report(): ApplyReport;
  /**
   * Deletes what is live and not desired. Write down first what was read from it: it cannot be had back.
   * @param isConfirmed a write that named the owner's version has succeeded since: the owner is known to be as it was seen.
   */
  prune(isConfirmed: boolean): Promise<void>;
}

/**
 * Creates and updates as `applyChildren` does, what is shared first, and leaves it to the caller when to delete. A child that
 * is refused holds up no other one.
 * @throws ApiError 409 when the decision is outdated, FencedError; nothing that was decided with it holds then.
 */
export async function makeChildren(client: KubeClient, request: ApplyRequest): Promise<MadeChildren> {
  const round = new ApplyRound(client, request);
  const shared = request.desired.filter(({ isShared }) => isShared !== undefined);
  const own = request.desired.filter(({ isShared }) => isShared === undefined);
  const plan = planApply(request.owner, own, request.live);
  for (const desired of shared) await round.attempt(desired, () => round.writeShared(desired));
  for (const desired of plan.missing) await round.attempt(desired, () => round.create(desired));
  const changed = plan.changed.filter(({ desired, live }) => !round.isOwnResult(desired, live));
  for (const { desired, live } of changed) await round.attempt(desired, () => round.update(desired, live));
  round.end();
  return {
    report: () => ({
      ...round.report(),
      unchanged: plan.unchanged + plan.changed.length - changed.length + round.unchanged,
    }),
    prune: async (isConfirmed) => {
      if (isConfirmed) round.confirm();
      await round.deleteAll(plan.superfluous);
    },
  };
}
