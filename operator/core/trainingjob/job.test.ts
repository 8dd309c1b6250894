// The Job of an attempt: what Pod Security wants, what the pod contract wants, what was asked for.
import { describe, expect, test } from '@jest/globals';
import { trainingOrderSchema } from '@sluice/crds/training-order.ts';
import { attemptJob } from './job.ts';
import { settings, spec, trainingJob } from './testing/samples.ts';

const built = (changes: { readonly [field: string]: unknown } = {}) => attemptJob(trainingJob(changes), 3, settings);

describe("an attempt's Job", () => {
  test('is never retried by Kubernetes, and carries its number', () => {
    expect(built()).toMatchObject({
      metadata: {
        name: 'digits-3',
        labels: { 'sluice.dev/attempt': '3', 'sluice.dev/training-job-uid': 'aaaa-1' },
      },
      spec: { backoffLimit: 0, template: { spec: { restartPolicy: 'Never' } } },
    });
  });

  test('passes Pod Security restricted and holds no token', () => {
    expect(built()).toMatchObject({
      spec: {
        template: {
          spec: {
            automountServiceAccountToken: false,
            enableServiceLinks: false,
            securityContext: {
              runAsNonRoot: true,
              runAsUser: 65532,
              runAsGroup: 65532,
              fsGroup: 65532,
              seccompProfile: { type: 'RuntimeDefault' },
            },
            containers: [
              {
                securityContext: {
                  allowPrivilegeEscalation: false,
                  readOnlyRootFilesystem: true,
                  capabilities: { drop: ['ALL'] },
                },
                terminationMessagePolicy: 'FallbackToLogsOnError',
              },
            ],
          },
        },
      },
    });
  });

  test('mounts the data read-only and the storage below the name of the model', () => {
    expect(built()).toMatchObject({
      spec: {
        template: {
          spec: {
            containers: [
              {
                volumeMounts: [
                  { mountPath: '/mnt/order', readOnly: true },
                  { mountPath: '/mnt/data', readOnly: true },
                  { mountPath: '/mnt/storage', subPath: 'digits' },
                  { mountPath: '/tmp' },
                ],
              },
            ],
            volumes: [
              { downwardAPI: { items: [{ path: 'order.json' }] } },
              { persistentVolumeClaim: { claimName: 'datasets' } },
              { persistentVolumeClaim: { claimName: 'models' } },
              { emptyDir: { sizeLimit: '2Gi' } },
            ],
          },
        },
      },
    });
  });

  test('mounts a ConfigMap as data', () => {
    const data = { source: { configMap: { name: 'rows', key: 'a.csv' } }, format: 'CSV', target: 'label' };
    expect(built({ data })).toMatchObject({
      spec: { template: { spec: { volumes: [{}, { name: 'data', configMap: { name: 'rows' } }, {}, {}] } } },
    });
  });

  test('asks for devices as request and limit, for CPU as a request only', () => {
    const gpu = { resources: { cpu: '2', memory: '4Gi', gpu: { count: 2, resourceName: 'amd.com/gpu' } } };
    expect(built(gpu)).toMatchObject({
      spec: {
        template: {
          spec: {
            containers: [
              {
                resources: {
                  requests: { cpu: '2', memory: '4Gi', 'amd.com/gpu': '2' },
                  limits: { memory: '4Gi', 'amd.com/gpu': '2' },
                },
              },
            ],
          },
        },
      },
    });
    expect(JSON.stringify(built(gpu))).not.toContain('"limits":{"cpu"');
  });

  test('is placed as asked for', () => {
    const scheduling = {
      nodeSelector: { zone: 'a' },
      tolerations: [{ key: 'gpu', operator: 'Exists' }],
      priorityClassName: 'low',
      runtimeClassName: 'nvidia',
      imagePullSecrets: ['regcred'],
      serviceAccountName: 'trainer',
    };
    expect(built({ scheduling })).toMatchObject({
      spec: { template: { spec: { ...scheduling, imagePullSecrets: [{ name: 'regcred' }] } } },
    });
  });

  test('hands the whole spec over in a file, so that the trainer needs no default of its own', () => {
    const { metadata } = JSON.parse(JSON.stringify(built()['spec'])).template;
    expect(trainingOrderSchema.parse(JSON.parse(metadata.annotations['sluice.dev/order']))).toEqual({
      spec: trainingJob().spec,
      owner: { namespace: 'ml', name: 'digits', uid: 'aaaa-1' },
      attempt: 3,
    });
  });

  test('tells it no text of the user in variables or arguments, where a kubelet would expand it', () => {
    const text = JSON.stringify(built({ data: { ...spec().data, target: 'price ($$) $(HOME)' } }));
    expect(text.split('price ($$) $(HOME)')).toHaveLength(2);
    expect(text).not.toContain('"env"');
  });
});
