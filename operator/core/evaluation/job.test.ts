// The Job that asks about a holdout.
import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { type EvaluationOrder, evaluationOrderSchema } from '@sluice/crds/evaluation-contract.ts';
import { noPodDefaults } from '@sluice/crds/pod-defaults.ts';
import { type EvaluationRequest, evaluationChild, evaluationJob, evaluationName, revisionEndpoint } from './job.ts';

const settings = {
  trainerImage: 'sluice/trainer:1',
  imagePullPolicy: 'Never',
  podDefaults: noPodDefaults,
  podUser: 'Fixed',
  hash: (text: string) => createHash('sha256').update(text).digest('hex'),
} as const;
const deployment = { name: 'digits', namespace: 'ml' };
const order = (changes: object = {}): EvaluationOrder =>
  evaluationOrderSchema.parse({
    dataset: {
      source: { persistentVolumeClaim: { claimName: 'datasets', path: 'digits/holdout.csv' } },
      format: 'CSV',
      digest: `sha256:${'d'.repeat(64)}`,
      target: 'label',
    },
    modelName: 'digits',
    endpoints: {
      candidate: revisionEndpoint(deployment, 'b21d0aaaaa'),
      live: revisionEndpoint(deployment, '7c9f4aaaaa'),
    },
    requestsPerSecond: 20,
    batchRows: 16,
    deadlineSeconds: 600,
    ...changes,
  });
const request = (changes: Partial<EvaluationRequest> = {}): EvaluationRequest => ({
  deployment,
  revision: 'b21d0aaaaa',
  order: order(),
  attempt: 1,
  scheduling: {},
  ...changes,
});
const name = (changes: Partial<EvaluationRequest> = {}) => evaluationName(request(changes), settings);

test('the Job is one restricted pod with the order and the data, and is never retried by Kubernetes', () => {
  expect(evaluationJob(request(), settings)).toMatchObject({
    kind: 'Job',
    metadata: {
      name: expect.stringMatching(/^digits-b21d0aaaaa-[0-9a-f]{8}$/),
      namespace: 'ml',
      labels: {
        'app.kubernetes.io/managed-by': 'sluice',
        'app.kubernetes.io/component': 'evaluator',
        'sluice.dev/model-deployment': 'digits',
        'sluice.dev/revision': 'b21d0aaaaa',
        'sluice.dev/attempt': '1',
      },
    },
    spec: {
      backoffLimit: 0,
      activeDeadlineSeconds: 900,
      template: {
        metadata: { labels: { 'app.kubernetes.io/component': 'evaluator' } },
        spec: {
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          restartPolicy: 'Never',
          securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: 'RuntimeDefault' } },
          containers: [
            {
              name: 'evaluator',
              image: 'sluice/trainer:1',
              imagePullPolicy: 'Never',
              command: ['node', '/app/evaluate.mjs'],
              securityContext: {
                allowPrivilegeEscalation: false,
                readOnlyRootFilesystem: true,
                capabilities: { drop: ['ALL'] },
              },
              terminationMessagePolicy: 'FallbackToLogsOnError',
              volumeMounts: [
                { mountPath: '/mnt/order', readOnly: true },
                { mountPath: '/mnt/data', readOnly: true },
                { mountPath: '/tmp' },
              ],
            },
          ],
          volumes: [
            { name: 'order' },
            { name: 'data', persistentVolumeClaim: { claimName: 'datasets' } },
            { name: 'temporary' },
          ],
        },
      },
    },
  });
  expect(evaluationChild(request(), settings).lifetime).toBe('CreateOnce');
});

test('the pod gets the whole order in a file, and reads a ConfigMap as well as a claim', () => {
  const dataset = { source: { configMap: { name: 'rows', key: 'a.csv' } }, format: 'CSV', target: 'label' };
  const asked = order({ dataset });
  const { template } = JSON.parse(JSON.stringify(evaluationJob(request({ order: asked }), settings)['spec']));
  const told = template.metadata.annotations['sluice.dev/order'];
  expect(evaluationOrderSchema.parse(JSON.parse(told))).toEqual(asked);
  expect(template.spec.volumes[1]).toEqual({ name: 'data', configMap: { name: 'rows' } });
});

test('a revision is asked by the Service that Envoy finds it by', () => {
  expect(revisionEndpoint(deployment, 'b21d0')).toBe('http://digits-b21d0.ml.svc:8080');
});

describe('the name', () => {
  test.each<[string, Partial<EvaluationRequest>]>([
    ['another candidate', { revision: 'c00000aaaa' }],
    ['another live revision', { order: order({ endpoints: { candidate: 'http://a', live: 'http://b' } }) }],
    ['another dataset', { order: order({ dataset: { ...order().dataset, digest: `sha256:${'e'.repeat(64)}` } }) }],
    ['another target', { order: order({ dataset: { ...order().dataset, target: 'kind' } }) }],
    ['another task', { order: order({ task: 'Regression' }) }],
    ['another attempt', { attempt: 2 }],
  ])('is another one for %s', (_, changes) => {
    expect(name(changes)).not.toBe(name());
  });

  test.each<[string, Partial<EvaluationRequest>]>([
    ['another rate', { order: order({ requestsPerSecond: 1, batchRows: 1, deadlineSeconds: 60 }) }],
    [
      'the same dataset as the apiserver sorts it',
      {
        order: order({
          dataset: Object.fromEntries(Object.entries(order().dataset).toSorted(([a], [b]) => (a < b ? -1 : 1))),
        }),
      },
    ],
    ['another node', { scheduling: { nodeSelector: { zone: 'b' } } }],
  ])('is the same for %s', (_, changes) => {
    expect(name(changes)).toBe(name());
  });

  test('fits for the longest deployment', () => {
    expect(name({ deployment: { name: 'd'.repeat(40), namespace: 'ml' } }).length).toBeLessThanOrEqual(63);
  });
});
