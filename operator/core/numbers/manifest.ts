// Writes the numbers of a model down.
import { commonLabels, labels } from '../names.ts';
import type { Child } from '../plan.ts';
import { givenKey, highestKey, type Numbers, numbersName, type ObservedNumbers } from './numbers.ts';

export type NumbersOf = {
  readonly model: string;
  readonly namespace: string;
  /** What the numbers were read from. */
  readonly observed: ObservedNumbers;
  /** The TrainingJob that waits for them. */
  readonly trainingJob?: string | undefined;
};

/** The ConfigMap of a model's numbers, written over the version that was read and over no other. */
export function numbersChild({ model, namespace, observed, trainingJob }: NumbersOf, numbers: Numbers): Child {
  const ownLabels = {
    ...commonLabels('numbers'),
    ...(trainingJob === undefined ? {} : { [labels.trainingJob]: trainingJob }),
  };
  const { uid, resourceVersion } = observed.configMap?.metadata ?? {};
  return {
    manifest: {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        name: numbersName(model),
        namespace,
        labels: ownLabels,
        ...(uid === undefined ? {} : { uid, resourceVersion }),
      },
      data: { [highestKey]: String(numbers.highest), [givenKey]: JSON.stringify(numbers.given) },
    },
    lifetime: 'Shared',
  };
}
