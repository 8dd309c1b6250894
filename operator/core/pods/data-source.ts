// The data that a pod of ours reads: its source as a volume, and where it is mounted.
import { paths } from '@sluice/crds/contract.ts';
import type { Source } from '@sluice/crds/locations.ts';

/** The claim is mounted as a whole and read-only by its mount: it may be the claim that is also written to. */
export const dataSource = (source: Source) => ({
  volume: { name: 'data', ...volumeSource(source) },
  mount: { name: 'data', mountPath: paths.data, readOnly: true },
});

function volumeSource({ persistentVolumeClaim, configMap }: Source) {
  if (configMap !== undefined) return { configMap: { name: configMap.name } };
  return { persistentVolumeClaim: { claimName: persistentVolumeClaim?.claimName ?? '' } };
}
