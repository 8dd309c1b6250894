// What a pod gets to reach locations.
import { describe, expect, test } from '@jest/globals';
import { mountsOf, volumesOf } from '../pods/mounted.ts';
import { attach } from './attach.ts';
import { bundleUse, dataUse, storageUse } from './uses.ts';

const storage = storageUse({ persistentVolumeClaim: { claimName: 'models' } }, 'digits');
const claimData = (claimName: string) => dataUse({ persistentVolumeClaim: { claimName, path: 'digits/train.csv' } });
const digest = `sha256-${'a'.repeat(64)}`;

describe('a trainer', () => {
  test('mounts data and storage of two claims from two volumes', () => {
    const mounted = attach([claimData('datasets'), storage]);
    expect(volumesOf(mounted)).toEqual([
      { name: 'data', persistentVolumeClaim: { claimName: 'datasets' } },
      { name: 'storage', persistentVolumeClaim: { claimName: 'models' } },
    ]);
    expect(mountsOf(mounted)).toEqual([
      { name: 'data', mountPath: '/mnt/data', readOnly: true },
      { name: 'storage', mountPath: '/mnt/storage', subPath: 'digits' },
    ]);
  });

  test('mounts data and storage of one claim from one volume, the data read-only', () => {
    const mounted = attach([claimData('models'), storage]);
    expect(volumesOf(mounted)).toEqual([{ name: 'data', persistentVolumeClaim: { claimName: 'models' } }]);
    expect(mountsOf(mounted)).toEqual([
      { name: 'data', mountPath: '/mnt/data', readOnly: true },
      { name: 'data', mountPath: '/mnt/storage', subPath: 'digits' },
    ]);
  });

  test('tells a claim from a ConfigMap of the same name', () => {
    const mounted = attach([dataUse({ configMap: { name: 'models', key: 'train.csv' } }), storage]);
    expect(volumesOf(mounted)).toEqual([
      { name: 'data', configMap: { name: 'models' } },
      { name: 'storage', persistentVolumeClaim: { claimName: 'models' } },
    ]);
  });
});

describe('a bundle', () => {
  test('is mounted with the directory of its model, read-only', () => {
    expect(attach([bundleUse(`pvc://models/digits/${digest}`)])).toEqual([
      {
        volume: { name: 'storage', persistentVolumeClaim: { claimName: 'models' } },
        mount: { name: 'storage', mountPath: '/mnt/storage', subPath: 'digits', readOnly: true },
      },
    ]);
  });

  test('of a place that nobody knows is refused', () => {
    expect(() => bundleUse(`ftp://models/digits/${digest}`)).toThrow('names no place');
  });
});
