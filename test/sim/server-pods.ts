// The server pods of the simulated namespace: how often each of them has ended, and how long it ran before.
import { formatTime } from '@sluice/operator/core/conditions.ts';
import { labels } from '@sluice/operator/core/names.ts';
import type { ObservedPod } from '@sluice/operator/core/pods/observed.ts';
import { created, startedAt, type Workload } from './objects.ts';

type End = { readonly count: number; readonly from: number; readonly at: number };

const nameOf = ({ uid, revision }: Workload, index: number) => `${revision}-${uid}-${index}`;

export class SimulatedServerPods {
  readonly #ends = new Map<string, End>();

  /** Every pod of the workload ends, having run since `from`, and begins again. */
  end(workload: Workload, from: number, at: number): void {
    for (let index = 0; index < workload.replicas; index += 1) {
      const name = nameOf(workload, index);
      this.#ends.set(name, { count: (this.#ends.get(name)?.count ?? 0) + 1, from, at });
    }
  }

  of(workload: Workload): ObservedPod[] {
    return Array.from({ length: workload.replicas }, (_, index) => this.#pod(workload, index));
  }

  #pod(workload: Workload, index: number): ObservedPod {
    const name = nameOf(workload, index);
    const { count = 0, from = startedAt, at = startedAt } = this.#ends.get(name) ?? {};
    const terminated = { exitCode: 1, startedAt: formatTime(from), finishedAt: formatTime(at) };
    const lastState = count === 0 ? {} : { terminated };
    return {
      metadata: { ...created, name, uid: `pod-${name}`, labels: { [labels.revision]: workload.revision } },
      status: {
        containerStatuses: [
          { name: 'server', restartCount: count, state: { running: { startedAt: formatTime(at) } }, lastState },
        ],
      },
    };
  }
}
