// Finished TrainingJobs with their ModelVersions and numbers: copies of one that the operator has brought to its end.
import { numbersName } from '@sluice/operator/core/numbers/numbers.ts';
import { isRecord, type KubeObject, type Stored } from '@sluice/operator/kube/objects.ts';
import { resources } from '@sluice/operator/shell/resources.ts';
import type { Place } from './place.ts';
import { namespaces } from './workload.ts';

/** A copy as it is created, and the statuses that are written afterwards. */
export type Finished = {
  readonly job: KubeObject;
  readonly jobStatus: StatusManifest;
  /** The version knows the uid that its job has got. */
  version(jobUid: string): KubeObject;
  readonly versionStatus: StatusManifest;
  /** The numbers of its model, one of which the job was given. */
  numbers(jobUid: string): KubeObject;
};

type StatusManifest = KubeObject & { readonly status: object };

/** Whether a condition of this type is true. */
export const holds = (object: KubeObject, type: string): boolean => {
  const { status } = object as KubeObject & { status?: { conditions?: { type: string; status: string }[] } };
  return status?.conditions?.some((each) => each.type === type && each.status === 'True') ?? false;
};

/** Makes copies under other names. @throws Error when no TrainingJob has finished. */
export async function finishedCopies({ client }: Place): Promise<(name: string) => Finished> {
  const namespace = namespaces.training;
  const { items } = await client.list(resources.trainingJobs, { namespace });
  const model = items.find((each) => holds(each, 'Complete'));
  if (model === undefined) throw new Error('No TrainingJob has finished that could be copied.');
  const made = await client.get(resources.modelVersions, { namespace, name: `${model.metadata.name}-1` });
  const given = await client.get(resources.configMaps, { namespace, name: numbersName(model.metadata.name) });
  return (name) => {
    const withUid = (object: KubeObject, jobUid: string): KubeObject =>
      JSON.parse(JSON.stringify(object).replaceAll(model.metadata.uid, jobUid));
    const copy = (object: Stored) => renamed(object, model.metadata.name, name);
    const [job, version, numbers] = [copy(model), copy(made), copy(given)];
    return {
      job,
      jobStatus: withStatus(job),
      version: (jobUid) => withUid(version, jobUid),
      numbers: (jobUid) => withUid(numbers, jobUid),
      versionStatus: withStatus(version),
    };
  };
}

/** A copy under another name: every name that is derived from it changes with it. */
function renamed(object: KubeObject, from: string, to: string): KubeObject {
  const copy = JSON.parse(JSON.stringify(object).replaceAll(from, to)) as KubeObject;
  const { name, namespace, labels: own } = copy.metadata;
  return { ...copy, metadata: { name, namespace, ...(own === undefined ? {} : { labels: own }) } };
}

function withStatus(object: KubeObject): StatusManifest {
  const { apiVersion, kind, metadata, status } = object as KubeObject & { status?: unknown };
  return { apiVersion, kind, metadata, status: isRecord(status) ? status : {} };
}
