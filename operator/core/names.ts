// Every label, annotation and derived name, written once.
import { group } from '@sluice/crds/kind.ts';

/** Field manager of every write. */
export const fieldManager = 'sluice';

export const labels = {
  managedBy: 'app.kubernetes.io/managed-by',
  /** `trainer`, `evaluator`, `verifier`, `server`, `gateway` or `numbers`. */
  component: 'app.kubernetes.io/component',
  trainingJob: `${group}/training-job`,
  /** Tells the pods of a TrainingJob from those of an earlier one with the same name. */
  trainingJobUid: `${group}/training-job-uid`,
  attempt: `${group}/attempt`,
  modelVersion: `${group}/model-version`,
  modelDeployment: `${group}/model-deployment`,
  revision: `${group}/revision`,
} as const;

export const annotations = {
  /** Of a one-shot pod: the JSON document that it is told, which it reads from a file. */
  order: `${group}/order`,
  /** sha256 of the bootstrap that a gateway pod started from. */
  bootstrap: `${group}/bootstrap`,
  /** Which ModelGateway in which generation a gateway Deployment was made for. */
  gatewaySpec: `${group}/gateway-spec`,
  /** What the installation wished when the pods of a revision were made. */
  podDefaults: `${group}/pod-defaults`,
  /** The image that took the place of the one a revision was pinned with, by which no pod of it ever started. */
  serverImage: `${group}/server-image`,
} as const;

/** Labels that every object of ours carries. */
export const commonLabels = (component: 'trainer' | 'evaluator' | 'server' | 'gateway' | 'verifier' | 'numbers') => ({
  [labels.managedBy]: fieldManager,
  [labels.component]: component,
});

/** The Job of an attempt. */
export const attemptName = (trainingJob: string, attempt: number) => `${trainingJob}-${attempt}`;

/** The ModelVersion of a model's number. */
export const versionName = (model: string, number: number) => `${model}-${number}`;

/** Number of a version of `model`, by its name; undefined for versions of other models. */
export function versionNumber(model: string, name: string): number | undefined {
  const number = Number(name.slice(model.length + 1));
  return versionName(model, number) === name ? number : undefined;
}

/** Deployment, headless Service, ControllerRevision and Envoy cluster of a revision. */
export const revisionName = (modelDeployment: string, revision: string) => `${modelDeployment}-${revision}`;

/** A record whose keys are names that somebody else chose: `constructor` is one like any other. */
export const byName = <Value>(entries: Iterable<readonly [string, Value]>): Record<string, Value> =>
  Object.assign(Object.create(null), Object.fromEntries(entries));

/** The one ModelGateway that a namespace may have. */
export const modelGatewayName = 'default';

/** The Envoy Deployment of a namespace, and everything that belongs to it. */
export const gatewayName = 'sluice-gateway';
