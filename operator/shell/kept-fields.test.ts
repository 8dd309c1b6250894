// What of a watched object is kept: all that is read of it, and nothing that somebody else fills without an end.
import { describe, expect, test } from '@jest/globals';
import { labels } from '../core/names.ts';
import { stored } from '../kube/testing/stored.ts';
import { trimOf } from './kept-fields.ts';

const long = 'x'.repeat(1_000_000);

describe('of an object', () => {
  test('long annotations are not kept, short ones are', () => {
    const kept = trimOf('configMaps')(
      stored({ name: 'a', annotations: { note: 'short', padding: long } }, { data: { key: 'value' } }),
    );
    expect(kept.metadata.annotations).toEqual({ note: 'short' });
    expect(kept).toMatchObject({ data: { key: 'value' } });
  });

  test('of a pod, who made it and how it is are kept, not what it was told', () => {
    const container = { name: 'server', image: 'i', args: [long], env: [{ name: 'A', value: long }] };
    const spec = {
      nodeName: 'node',
      containers: [container],
      initContainers: [{ ...container, restartPolicy: 'Always' }],
      volumes: [{ name: long }],
    };
    const status = {
      phase: 'Running',
      podIP: '10.0.0.1',
      containerStatuses: [{ name: 'server', state: { running: {} } }],
    };
    const kept = trimOf('pods')(stored({ name: 'a', annotations: { padding: long } }, { spec, status }));
    expect(kept).toMatchObject({
      metadata: { name: 'a' },
      spec: {
        nodeName: 'node',
        containers: [{ name: 'server' }],
        initContainers: [{ name: 'server', restartPolicy: 'Always' }],
      },
      status,
    });
    expect(JSON.stringify(kept).length).toBeLessThan(1000);
  });

  test('of a pod, which of the Secrets that rules on access ask for it has', () => {
    const volumes = [
      { name: 'keys', secret: { secretName: 'callers', items: [{ key: long }] } },
      { name: 'tls', configMap: { name: 'x' } },
      { name: 'other', secret: { secretName: 'x' } },
    ];
    const kept = trimOf('pods')(stored({ name: 'a' }, { spec: { volumes } }));
    expect(kept).toMatchObject({ spec: { volumes: [{ name: 'keys', secret: {} }] } });
  });

  test('of a ReplicaSet, who made it and what it is part of are kept', () => {
    const ownerReferences = [{ apiVersion: 'apps/v1', kind: 'Deployment', name: 'd', uid: 'd', controller: true }];
    const marks = { [labels.modelDeployment]: 'digits', padding: long };
    const kept = trimOf('replicaSets')(
      stored({ name: 'a', labels: marks, annotations: { padding: long }, ownerReferences }),
    );
    expect(kept.metadata).toMatchObject({ name: 'a', ownerReferences, labels: { [labels.modelDeployment]: 'digits' } });
    expect(JSON.stringify(kept).length).toBeLessThan(1000);
  });
});
