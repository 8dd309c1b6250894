// Schema fragments that several kinds share. A description here is what `kubectl explain` prints.
// Rules for everything in this folder (docs/adr/0006-schemas.md): no unions, no refine, no transform; every string, list
// and map bounded; cross-field rules are CEL.
import { z } from 'zod';

/** A CEL rule: the expression over `self`, and the message that names the field and the remedy. */
export type CelRule = { rule: string; message: string; fieldPath?: string; reason?: string };

/** Attaches CEL rules and a description to a schema. */
export const rules = (description: string, ...validations: CelRule[]) => ({
  description,
  'x-kubernetes-validations': validations,
});

/** Metadata of a list whose items have a key: server-side apply merges by it. */
export const listMap = (description: string, ...keys: string[]) => ({
  description,
  'x-kubernetes-list-type': 'map',
  'x-kubernetes-list-map-keys': keys,
});

/** Metadata of a list that has one owner and is replaced as a whole. */
export const atomicList = (description: string) => ({ description, 'x-kubernetes-list-type': 'atomic' });

export const dnsLabel = z
  .string()
  .min(1)
  .max(63)
  .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/);
export const digestString = z
  .string()
  .regex(/^sha256:[0-9a-f]{64}$/)
  .max(71);
export const uid = z.string().max(64);
export const time = z.iso.datetime({ offset: true });
export const seconds = (minimum: number, maximum: number) => z.number().int().min(minimum).max(maximum);
export const quantity = z
  .string()
  .max(32)
  .regex(/^[0-9]+(\.[0-9]+)?(m|k|M|G|T|Ki|Mi|Gi|Ti)?$/);

/** Names of the metrics that an evaluation reports. */
export const metricNames = [
  'accuracy',
  'balanced_accuracy',
  'baseline_accuracy',
  'precision_macro',
  'recall_macro',
  'f1_macro',
  'auroc',
  'log_loss',
  'calibration_error',
  'mae',
  'rmse',
  'r2',
  'baseline_mae',
] as const;

export const metricSchema = z
  .object({
    name: z.enum(metricNames).meta({ description: 'What was measured.' }),
    split: z
      .enum(['test', 'validation'])
      .meta({ description: 'The rows it was measured on; none of them was trained on.' }),
    value: z.number().meta({ description: 'The estimate.' }),
    lower: z.number().meta({ description: 'Lower end of the 95 % confidence interval.' }),
    upper: z.number().meta({ description: 'Upper end of the 95 % confidence interval.' }),
    n: z.number().int().min(0).meta({ description: 'Number of rows behind the estimate.' }),
  })
  .meta({ description: 'One quality of the model with its confidence interval.' });
export type Metric = z.output<typeof metricSchema>;
