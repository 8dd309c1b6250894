// The evaluations of a simulated namespace: Jobs whose pods count at once who is right.
import { labels } from '@sluice/operator/core/names.ts';
import type { Manifest } from '@sluice/operator/core/plan.ts';
import type { ObservedJob, ObservedPod } from '@sluice/operator/core/pods/observed.ts';
import { created } from './objects.ts';

const rows = 1000;

type Evaluation = { readonly job: ObservedJob; readonly pod: ObservedPod; readonly revision: string };

/** Rows that each revision gets right; the live one may not be asked, or not answer. */
type Right = { readonly candidate: number; readonly live: number | 'NoAnswer' | undefined };

/** Jobs by name; a Job's pod has ended when it is first seen. */
export class SimulatedEvaluations {
  readonly #jobs = new Map<string, Evaluation>();

  has = (name: string) => this.#jobs.has(name);
  jobs = (): ObservedJob[] => [...this.#jobs.values()].map(({ job }) => job);
  pods = (): ObservedPod[] => [...this.#jobs.values()].map(({ pod }) => pod);
  remove = (name: string) => this.#jobs.delete(name);

  /** @param right rows that candidate and live revision get right; the better one is right wherever the other is. */
  add({ metadata }: Manifest, right: Right): void {
    const { name } = metadata;
    const uid = `job-${name}`;
    const own = { ...created, labels: metadata.labels };
    const message = JSON.stringify({ success: { data, n: rows, ...counts(right) } });
    const terminated = { exitCode: 0, message };
    const owner = { apiVersion: 'batch/v1', kind: 'Job', name, uid, controller: true };
    this.#jobs.set(name, {
      revision: metadata.labels?.[labels.revision] ?? '',
      job: { metadata: { ...own, name, uid } },
      pod: {
        metadata: { ...own, name: `${name}-x`, uid: `pod-${name}`, ownerReferences: [owner] },
        status: { phase: 'Succeeded', containerStatuses: [{ name: 'evaluator', state: { terminated } }] },
      },
    });
  }
}

const data = { digest: `sha256:${'ab'.repeat(32)}`, rows, bytes: 1000 };
const side = { failedRequests: 0, failedRows: 0, nonFinite: 0 };

function counts({ candidate, live }: Right) {
  if (live === 'NoAnswer') {
    const outcome = { type: 'PairedClasses', bothRight: 0, candidateOnly: 0, liveOnly: 0, bothWrong: 0 };
    return { candidate: side, live: { ...side, failedRequests: rows, failedRows: rows }, outcome };
  }
  if (live === undefined) {
    return { candidate: side, outcome: { type: 'Classes', right: candidate, wrong: rows - candidate } };
  }
  const bothRight = Math.min(candidate, live);
  const candidateOnly = candidate - bothRight;
  const liveOnly = live - bothRight;
  const bothWrong = rows - bothRight - candidateOnly - liveOnly;
  const outcome = { type: 'PairedClasses', bothRight, candidateOnly, liveOnly, bothWrong };
  return { candidate: side, live: side, outcome };
}
