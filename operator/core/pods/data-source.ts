// The data that a pod of ours reads: its source as a volume, and where it is mounted.
import { paths } from '@sluice/crds/contract.ts';
import type { Dataset } from '@sluice/crds/fragments.ts';

/** The claim is mounted as a whole and read-only by its mount: it may be the claim that is also written to. */
export const dataSource = (source: Dataset['source']) => ({
  volume: { name: 'data', ...volumeSource(source) },
  mount: { name: 'data', mountPath: paths.data, readOnly: true },
});

function volumeSource({ persistentVolumeClaim, configMap }: Dataset['source']) {
  if (configMap !== undefined) return { configMap: { name: configMap.name } };
  return { persistentVolumeClaim: { claimName: persistentVolumeClaim?.claimName ?? '' } };
}
