// Decides what a version's lineage is worth. Whoever may create a ModelVersion can write any lineage, or copy one from
// another namespace or cluster: it is believed where the TrainingJob that it names says so in its own status.
import { secondsSince } from '../conditions.ts';
import { numbersChild } from '../numbers/manifest.ts';
import { type Given, mostGiven, readNumbers, withGiven } from '../numbers/numbers.ts';
import type { Child, Instant } from '../plan.ts';
import type { ModelVersionObserved } from './observed.ts';

/** A job says what it published right after it has made the version; beyond this time the version is verified instead. */
const publicationSeconds = 60;

/** The number's bundle, where it is remembered. */
const givenOf = ({ modelVersion: { spec }, numbers }: ModelVersionObserved): Given | undefined =>
  readNumbers(numbers)?.given.find(({ number }) => number === spec.number);

/** The job that the lineage names, if it is there and no other one of that name. */
function namedJob({ modelVersion, trainingJob }: ModelVersionObserved) {
  const { trainingJob: named } = modelVersion.spec.lineage;
  return named !== undefined && trainingJob?.metadata.uid === named.uid ? trainingJob : undefined;
}

/** Whether a TrainingJob of this namespace says that it published exactly this version. */
export function isPublished(observed: ModelVersionObserved): boolean {
  const { metadata, spec } = observed.modelVersion;
  const status = namedJob(observed)?.status;
  const { digest, uri } = spec.bundle;
  return status?.modelVersion === metadata.name && status.bundle?.digest === digest && status.bundle.uri === uri;
}

/** Whether its job has the number for these bytes and is about to say so: nothing needs to be verified, or told, until then. */
export function isExpected(observed: ModelVersionObserved, now: Instant): boolean {
  const { metadata, spec } = observed.modelVersion;
  const job = namedJob(observed);
  if (job === undefined || job.status?.completedAt !== undefined) return false;
  const given = givenOf(observed);
  const isItsOwn = given?.trainingJob === job.metadata.uid && given.digest === spec.bundle.digest;
  return isItsOwn && secondsSince(metadata.creationTimestamp, now) < publicationSeconds;
}

/** The other model that has this version's number, if one was given it. */
export function otherModel(observed: ModelVersionObserved): Given | undefined {
  const given = givenOf(observed);
  return given === undefined || given.digest === observed.modelVersion.spec.bundle.digest ? undefined : given;
}

/**
 * The numbers with this version's among them, where it is not written down: it is used from now on, whatever becomes of the
 * version. What was Ready before numbers were kept is written down only as part of the highest.
 */
export function numberToKeep(observed: ModelVersionObserved, isReady: boolean): Child | undefined {
  const { modelVersion, numbers: read } = observed;
  const { metadata, spec } = modelVersion;
  const numbers = readNumbers(read);
  if (numbers === undefined || givenOf(observed) !== undefined) return undefined;
  const oldest = numbers.given.length < mostGiven ? 0 : (numbers.given[0]?.number ?? 0);
  const isWritten = read.configMap !== undefined && spec.number <= numbers.highest;
  if (isWritten && (isReady || spec.number < oldest)) return undefined;
  const one = { number: spec.number, digest: spec.bundle.digest };
  return numbersChild(
    { model: spec.modelName, namespace: metadata.namespace, observed: read },
    withGiven(numbers, one),
  );
}
