// The declaration of a kind: everything its CRD and its TypeScript types are made from.
import type { z } from 'zod';
import type { CelRule } from './fragments.ts';

export const group = 'sluice.dev';
export const version = 'v1alpha1';
export const category = 'sluice';

/** A column of `kubectl get`; `priority` 1 shows it only with `-o wide`. */
export type PrinterColumn = {
  name: string;
  type: 'string' | 'integer' | 'number' | 'date';
  jsonPath: string;
  description: string;
  priority?: 1;
};

/** JSON paths of the scale subresource, by which `kubectl scale` and autoscalers work. */
export type ScalePaths = { specReplicasPath: string; statusReplicasPath: string; labelSelectorPath: string };

/** A kind of the API. `rules` are CEL over the whole object (metadata.name, spec). */
export type Kind<Spec extends z.ZodType, Status extends z.ZodType> = {
  kind: string;
  plural: string;
  singular: string;
  shortNames: string[];
  description: string;
  spec: Spec;
  status: Status;
  rules: CelRule[];
  columns: PrinterColumn[];
  /** Where the scale subresource finds its figures; absent for kinds that cannot be scaled. */
  scale?: ScalePaths;
};
