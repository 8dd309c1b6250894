// Two runs of the same story end alike, whatever their clocks, uids and random names; another story is told apart.
import { describe, expect, test } from '@jest/globals';
import { stored } from '@sluice/operator/kube/testing/stored.ts';
import { differences } from './differ.ts';
import type { EndState } from './end-state.ts';
import { normalise } from './normalise.ts';

/** A job of ours with one pod, as one run leaves them. */
function run(number: number, changes: { readonly pods?: number; readonly verdict?: string } = {}): EndState {
  const { pods = 1, verdict = 'Complete' } = changes;
  const namespace = `train-run-${number}`;
  const uid = `${number}0000000-0000-0000-0000-00000000000a`;
  const reference = { apiVersion: 'batch/v1', kind: 'Job', name: 'fit-1', uid, controller: true };
  const job = stored(
    {
      name: 'fit-1',
      namespace,
      uid,
      resourceVersion: String(number),
      creationTimestamp: `2026-01-0${number}T10:00:00Z`,
    },
    {
      apiVersion: 'batch/v1',
      kind: 'Job',
      spec: { env: [{ name: 'SLUICE_OWNER_UID', value: uid }] },
      status: {
        startTime: `2026-01-0${number}T10:00:00Z`,
        conditions: [{ type: verdict, status: 'True', lastTransitionTime: `2026-01-0${number}T10:00:05Z` }],
      },
    },
  );
  const podsOf = Array.from({ length: pods }, (_, index) =>
    stored(
      { name: `fit-1-${number}${index}x`, namespace, uid: `pod-${number}-${index}`, ownerReferences: [reference] },
      { apiVersion: 'v1', kind: 'Pod', spec: { nodeName: 'played' }, status: { phase: 'Succeeded' } },
    ),
  );
  const comings = { created: { 'jobs.batch': 1, pods }, deleted: {} };
  return { objects: normalise([job, ...podsOf], namespace), comings, lostRequests: 0 };
}

describe('the ends of two runs', () => {
  test('are alike when they differ in times, versions, uids and random names only', () => {
    expect(differences(run(1), run(2))).toEqual([]);
  });

  test('differ by a pod too many, and by how many were made', () => {
    expect(differences(run(1), run(2, { pods: 2 }))).toEqual([
      'Pod/fit-1-* is too many',
      'created.pods: expected 1, found 2',
    ]);
    expect(differences(run(1, { pods: 2 }), run(2))).toContain('Pod/fit-1-* is missing');
  });

  test('differ by a condition', () => {
    expect(differences(run(1), run(2, { verdict: 'Failed' }))).toEqual([
      'Job/fit-1.status.conditions.0.type: expected "Complete", found "Failed"',
    ]);
  });

  test('differ by lost requests', () => {
    expect(differences(run(1), { ...run(2), lostRequests: 3 })).toEqual(['3 requests were lost']);
  });
});
