// What one request of each kind costs the apiserver while nothing else goes on: of these a TrainingJob's cost is made.
import type { Stored } from '@sluice/operator/kube/objects.ts';
import { RESOURCES } from '@sluice/operator/kube/resources.ts';
import { resources } from '@sluice/operator/shell/resources.ts';
import { inParallel } from '../../in-parallel.ts';
import { type Finished, finishedCopies } from './finished.ts';
import type { Place } from './place.ts';
import { names, namespaces } from './workload.ts';

/** Processor time of the apiserver for a request, and how many of them a TrainingJob needs that a plain Job does not. */
export type RequestCost = { readonly what: string; readonly milliseconds: number; readonly perJob: number };

/** Requests under way at once. */
const parallel = 4;

/** Measures `count` requests of each kind; what they make are finished TrainingJobs, which stay. No operator may run. */
export async function requestCosts(place: Place, count: number): Promise<readonly RequestCost[]> {
  const { client } = place;
  const copyAs = await finishedCopies(place);
  const copies = names('cost', count).map(copyAs);
  const made = new Map<Finished, Stored>();
  const uidOf = (copy: Finished) => made.get(copy)?.metadata.uid ?? '';
  const cost = async (what: string, perJob: number, request: (copy: Finished) => Promise<unknown>) => {
    const before = await place.apiserverSeconds();
    await inParallel(copies, parallel, async (copy) => void (await request(copy)));
    const milliseconds = (1000 * ((await place.apiserverSeconds()) - before)) / count;
    return { what, milliseconds, perJob };
  };
  return [
    await cost('create a TrainingJob', 1, async (copy) =>
      made.set(copy, await client.create(resources.trainingJobs, copy.job)),
    ),
    await cost('write the status of a TrainingJob', 1, (copy) =>
      client.applyStatus(resources.trainingJobs, copy.jobStatus),
    ),
    await cost('read a TrainingJob', 3, (copy) => client.get(resources.trainingJobs, copy.job.metadata)),
    await cost('write the numbers of a model', 1, (copy) =>
      client.create(resources.configMaps, copy.numbers(uidOf(copy))),
    ),
    await cost('create a ModelVersion', 1, (copy) => client.create(resources.modelVersions, copy.version(uidOf(copy)))),
    await cost('write the status of a ModelVersion', 1, (copy) =>
      client.applyStatus(resources.modelVersions, copy.versionStatus),
    ),
    await cost('create an Event', 2, (copy) => client.create(RESOURCES.events, eventOf(copy))),
  ];
}

const eventOf = ({ job: { apiVersion, kind, metadata } }: Finished) => ({
  apiVersion: 'events.k8s.io/v1',
  kind: 'Event',
  metadata: { name: metadata.name, namespace: namespaces.training },
  regarding: { apiVersion, kind, name: metadata.name, namespace: namespaces.training },
  eventTime: '2026-01-05T10:00:00.000000Z',
  reportingController: 'bench',
  reportingInstance: 'bench',
  action: 'Reconcile',
  reason: 'Complete',
  type: 'Normal',
  note: 'as long as a sentence of the operator that tells what has become of a job',
});
