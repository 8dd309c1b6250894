// Who sets the number of replicas of an object: all that caches keep of the managed fields.
import { isRecord } from '../objects.ts';

/** A manager of `spec.replicas`; with the subresource `scale` it came that way, as autoscalers do. */
export interface Scaler {
  readonly manager: string;
  readonly subresource?: string | undefined;
}

const managesReplicas = (entry: Record<string, unknown>): boolean => {
  const fields = entry['fieldsV1'];
  const spec = isRecord(fields) ? fields['f:spec'] : undefined;
  return isRecord(spec) && 'f:replicas' in spec;
};

/**
 * The managers of `spec.replicas`, when one of them came by the scale subresource; else none.
 * @param managedFields as the apiserver gave them.
 */
export function scalersOf(managedFields: unknown): Scaler[] {
  if (!Array.isArray(managedFields)) return [];
  const entries: unknown[] = managedFields;
  const scalers = entries
    .filter(isRecord)
    .filter(managesReplicas)
    .map(({ manager, subresource }): Scaler => {
      const by = { manager: typeof manager === 'string' ? manager : '' };
      return typeof subresource === 'string' && subresource !== '' ? { ...by, subresource } : by;
    });
  return scalers.some(({ subresource }) => subresource === 'scale') ? scalers : [];
}
