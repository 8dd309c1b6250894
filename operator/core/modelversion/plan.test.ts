// When a ModelVersion may be served.
import { describe, expect, test } from '@jest/globals';
import { noPodDefaults } from '@sluice/crds/pod-defaults.ts';
import { type ReasonText, reasons } from '@sluice/crds/reasons.ts';
import { formatTime, mergeConditions, parseTime } from '../conditions.ts';
import { labels } from '../names.ts';
import { type Given, givenKey, highestKey, type ObservedNumbers } from '../numbers/numbers.ts';
import type { ContainerEnd, ObservedJob, ObservedPod } from '../pods/observed.ts';
import type { ModelVersionObserved } from './observed.ts';
import { planModelVersion } from './plan.ts';
import { verifier } from './verifier.ts';

const startTime = '2026-01-05T10:00:00Z';
const start = parseTime(startTime);
const settings = {
  serverImage: 'sluice/server:1',
  imagePullPolicy: 'Never',
  podDefaults: noPodDefaults,
  podUser: 'Fixed',
} as const;
const digest = `sha256:${'b'.repeat(64)}`;

const kept = (given: readonly Given[], highest = 4): ObservedNumbers => ({
  configMap: {
    metadata: { uid: 'numbers', resourceVersion: '7' },
    data: { [highestKey]: String(highest), [givenKey]: JSON.stringify(given) },
  },
  highestNamed: 0,
});

const observe = (changes: Partial<ModelVersionObserved> = {}): ModelVersionObserved => ({
  modelVersion: {
    metadata: { name: 'digits-4', namespace: 'ml', uid: 'v4', generation: 1, creationTimestamp: startTime },
    spec: {
      modelName: 'digits',
      number: 4,
      bundle: { uri: `pvc://models/digits/sha256-${'b'.repeat(64)}`, digest, format: 'TFJSLayers' },
      lineage: {},
    },
    status: undefined,
  },
  jobs: [],
  pods: [],
  storage: { claim: { metadata: { name: 'models', uid: 'c', creationTimestamp: startTime } } },
  numbers: kept([{ number: 4, digest }]),
  ...changes,
});

const job: ObservedJob = {
  metadata: {
    name: 'digits-4-verify',
    uid: 'j',
    creationTimestamp: startTime,
    ownerReferences: [
      { apiVersion: 'sluice.dev/v1alpha1', kind: 'ModelVersion', name: 'digits-4', uid: 'v4', controller: true },
    ],
  },
};
const pod = (status: ObservedPod['status']): ObservedPod => ({
  metadata: {
    name: 'digits-4-verify-x',
    uid: 'p',
    creationTimestamp: startTime,
    labels: { [labels.modelVersion]: 'digits-4' },
    ownerReferences: [{ apiVersion: 'batch/v1', kind: 'Job', name: 'digits-4-verify', uid: 'j', controller: true }],
  },
  status,
});
const ended = (end: ContainerEnd) =>
  pod({
    phase: 'Failed',
    containerStatuses: [{ name: verifier.container, state: { terminated: { finishedAt: startTime, ...end } } }],
  });
const refused = (reason: string) =>
  ended({ exitCode: 21, message: JSON.stringify({ reason, message: 'manifest.json: no such file' }) });

const plan = (observed: ModelVersionObserved, seconds = 0) =>
  planModelVersion(observed, start + seconds * 1000, settings);
const verifying = (one: ObservedPod) => observe({ jobs: [job], pods: [one] });
/** What follows when the plan's status was stored. */
const after = (
  observed: ModelVersionObserved,
  changes: Partial<ModelVersionObserved>,
  seconds = 0,
): ModelVersionObserved => ({
  ...observed,
  modelVersion: { ...observed.modelVersion, status: plan(observed, seconds).status },
  ...changes,
});
const standing = (observed: ModelVersionObserved, seconds = 0) =>
  plan(observed, seconds).status.conditions?.map(({ type, status, reason }) => `${type}=${status} ${reason}`);

describe('a ModelVersion', () => {
  test('that was imported is read as a server would read it, and copied nowhere', () => {
    const first = plan(observe());
    expect(standing(observe())).toEqual(['Ready=Unknown Verifying', 'Reconciling=True Verifying']);
    expect(first.desired).toMatchObject([
      {
        lifetime: 'CreateOnce',
        manifest: {
          metadata: { name: 'digits-4-verify' },
          spec: {
            template: {
              spec: {
                volumes: [{ persistentVolumeClaim: { claimName: 'models' } }, { name: 'temporary' }],
                containers: [
                  {
                    image: 'sluice/server:1',
                    command: ['node', '/app/fetch.mjs', '--verify-only'],
                    env: expect.arrayContaining([{ name: 'SLUICE_BUNDLE_DIGEST', value: digest }]),
                    volumeMounts: [
                      { mountPath: '/mnt/storage', subPath: 'digits', readOnly: true },
                      { mountPath: '/tmp' },
                    ],
                  },
                ],
              },
            },
          },
        },
      },
    ]);
  });

  test('whose bundle is good is Ready for ever, and its Job goes', () => {
    const good = verifying(ended({ exitCode: 0 }));
    expect(standing(good)).toEqual(['Ready=True Imported']);
    expect(plan(good).desired).toEqual([]);
    expect(standing(after(good, { jobs: [], pods: [], storage: {} }), 9999)).toEqual(['Ready=True Imported']);
  });

  test.each(['BundleMissing', 'BundleCorrupt', 'BundleUnsupported'])(
    'with %s is Stalled with what was found and a remedy',
    (reason) => {
      const bad = verifying(refused(reason));
      expect(standing(bad)).toEqual([`Ready=False ${reason}`, `Stalled=True ${reason}`]);
      const message = plan(bad).status.conditions?.[0]?.message ?? '';
      expect(message).toMatch(/^manifest\.json: no such file .+\.$/);
      expect(message.length).toBeLessThanOrEqual(200);
    },
  );

  test('whose bundle is missing is looked at again after a minute, and stays Stalled meanwhile', () => {
    const missing = verifying(refused('BundleMissing'));
    expect(plan(missing, 59)).toMatchObject({ desired: [{ lifetime: 'Retained' }], wakeAfterSeconds: 1 });
    expect(plan(missing, 60).desired).toEqual([]);
    const again = after(missing, { jobs: [], pods: [] }, 60);
    expect(plan(again, 61).desired).toMatchObject([{ lifetime: 'CreateOnce' }]);
    expect(standing(again, 61)).toEqual(['Ready=False BundleMissing', 'Stalled=True BundleMissing']);
    expect(standing(after(again, { jobs: [job], pods: [ended({ exitCode: 0 })] }, 62))).toEqual([
      'Ready=True Imported',
    ]);
  });

  test('whose bundle is corrupt is looked at again after ten minutes', () => {
    const corrupt = verifying(refused('BundleCorrupt'));
    expect(plan(corrupt, 599).desired).toHaveLength(1);
    expect(plan(corrupt, 600).desired).toEqual([]);
  });

  test('without its claim makes no Job, says so, and looks every five seconds', () => {
    const lost = observe({ storage: {} });
    expect(plan(lost)).toMatchObject({ desired: [], wakeAfterSeconds: 5 });
    expect(standing(lost)).toEqual(['Ready=False StorageMissing', 'Reconciling=True StorageMissing']);
    expect(standing(after(lost, {}), 60)).toEqual(['Ready=False StorageMissing', 'Stalled=True StorageMissing']);
    expect(standing(after(lost, { storage: observe().storage }))).toEqual([
      'Ready=Unknown Verifying',
      'Reconciling=True Verifying',
    ]);
  });

  test.each([
    [
      'a raw device',
      { spec: { volumeMode: 'Block' } },
      'StorageUnfit',
      /is a raw device .*Name a claim with volumeMode/,
    ],
    ['a claim whose volume is lost', { status: { phase: 'Lost' } }, 'StorageMissing', /has lost its volume/],
  ])('that lies in %s says so, and makes no Job', (_, change, reason, message) => {
    const unfit = observe({
      storage: { claim: { metadata: { name: 'models', uid: 'c', creationTimestamp: startTime }, ...change } },
    });
    expect(plan(unfit).desired).toEqual([]);
    expect(standing(after(unfit, {}), 60)).toEqual([`Ready=False ${reason}`, `Stalled=True ${reason}`]);
    expect(plan(unfit).status.conditions?.[0]?.message).toMatch(message);
  });

  test('whose verification crashed is not judged, and is tried again', () => {
    const crashed = verifying(ended({ exitCode: 1, message: 'TypeError' }));
    expect(standing(crashed)).toEqual(['Ready=Unknown VerificationFailed', 'Reconciling=True VerificationFailed']);
    expect(plan(crashed, 60).desired).toEqual([]);
  });

  test('says why its pod waits', () => {
    const waiting = verifying(
      pod({ phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False', message: '0/1 nodes' }] }),
    );
    expect(plan(waiting).status.conditions?.[0]?.message).toMatch(
      /its pod waits: no node takes the pod\. Scheduler: 0\/1 nodes/,
    );
  });

  test('whose pod cannot start says so after a minute, is given up after ten, and is tried anew', () => {
    const conditions = [{ type: 'PodScheduled', status: 'False', message: 'untolerated taint {pool: gpu}' }];
    const waiting = verifying(pod({ phase: 'Pending', conditions }));
    expect(plan(waiting, 599).desired).toHaveLength(1);
    const late = plan(waiting, 600);
    expect(late.desired).toEqual([]);
    expect(standing(waiting, 600)).toEqual([
      'Ready=False VerificationNotStarting',
      'Stalled=True VerificationNotStarting',
    ]);
    expect(late.status.conditions?.[0]?.message).toMatch(/untolerated taint.*tried again every ten minutes/);
    const again = after(waiting, { jobs: [], pods: [] }, 600);
    expect(plan(again, 601).desired).toMatchObject([{ lifetime: 'CreateOnce' }]);
    expect(standing(again, 601)).toEqual(standing(waiting, 600));
  });

  test('without a pod for ten minutes is given up as well: a quota or a policy may refuse it', () => {
    const refusedPod = observe({ jobs: [job] });
    expect(plan(refusedPod, 600)).toMatchObject({ desired: [] });
    expect(plan(refusedPod, 600).status.conditions?.[0]?.message).toMatch(/has no pod yet/);
    const message = 'pod of Job digits-4-verify: exceeded quota: few. Raise the ResourceQuota, or ask for less.';
    const told = mergeConditions(
      undefined,
      [{ type: 'ChildRefused', status: 'True', reason: 'ChildRefused', message }],
      {
        generation: 1,
        now: start,
      },
    );
    const status = { observedGeneration: 1, conditions: told };
    const withWords = observe({ jobs: [job], modelVersion: { ...refusedPod.modelVersion, status } });
    expect(plan(withWords, 600).status.conditions?.[0]?.message).toMatch(
      /does not start: .*exceeded quota.*Raise the Res/,
    );
  });

  test('that a queue holds back is neither Reconciling nor Stalled, however long', () => {
    const held = observe({ jobs: [{ ...job, spec: { suspend: true } }] });
    expect(standing(held, 9999)).toEqual(['Ready=Unknown JobSuspended']);
    expect(plan(held, 9999).desired).toHaveLength(1);
  });

  test('takes a Job whose pod vanished for no verdict', () => {
    const conditions = [{ type: 'Failed', status: 'True', lastTransitionTime: formatTime(start) }];
    const gone = observe({ jobs: [{ ...job, status: { conditions } }] });
    expect(standing(gone, 4)).toEqual(['Ready=Unknown Verifying', 'Reconciling=True Verifying']);
    expect(standing(gone, 5)).toEqual(['Ready=Unknown VerificationFailed', 'Reconciling=True VerificationFailed']);
  });

  test('sends an event once, and speaks only reasons of the table', () => {
    const table: Readonly<Record<string, ReasonText>> = reasons.ModelVersion;
    const cases = [
      observe(),
      observe({ storage: {} }),
      verifying(refused('BundleCorrupt')),
      verifying(ended({ exitCode: 0 })),
      verifying(ended({ exitCode: 1 })),
    ];
    for (const one of cases) {
      expect(plan(after(one, {})).events).toEqual([]);
      for (const { type, reason } of plan(one).status.conditions ?? []) expect(table[reason]?.on).toContain(type);
    }
    expect(plan(verifying(refused('BundleCorrupt'))).events).toMatchObject([
      { type: 'Warning', reason: 'BundleCorrupt' },
    ]);
  });
});

/** A version with the lineage of job `digits` with uid `u`, and the job that is there under this name. */
function withLineage(trainingJob: ModelVersionObserved['trainingJob'], changes: Partial<ModelVersionObserved> = {}) {
  const { modelVersion } = observe();
  const lineage = { trainingJob: { name: 'digits', uid: 'u' } };
  return observe({
    modelVersion: { ...modelVersion, spec: { ...modelVersion.spec, lineage } },
    trainingJob,
    ...changes,
  });
}

const { bundle } = observe().modelVersion.spec;
const jobThatSays = (status: object, uid = 'u'): ModelVersionObserved['trainingJob'] => ({
  metadata: { name: 'digits', uid, creationTimestamp: startTime },
  status,
});
const told = {
  modelVersion: 'digits-4',
  bundle: { ...bundle, specDigest: digest, image: '', bytes: 1 },
  completedAt: startTime,
};
const itsNumber = kept([{ number: 4, digest, trainingJob: 'u' }]);

describe('a ModelVersion with a lineage', () => {
  test('is Ready without a look when the job says that it published it', () => {
    const published = withLineage(jobThatSays(told), { storage: {} });
    expect(standing(published)).toEqual(['Ready=True Published']);
    expect(plan(published).desired).toEqual([]);
    const jobIsGone = after(published, { trainingJob: undefined });
    expect(standing(jobIsGone)).toEqual(['Ready=True Published']);
  });

  test.each<[string, ModelVersionObserved]>([
    ['when there is no such job: it was copied, or the cluster was restored', withLineage(undefined)],
    ['when the job of that name is another one', withLineage(jobThatSays(told, 'another'))],
    ['when the job trains: anybody can write its uid', withLineage(jobThatSays({}))],
    ['when the job published another version', withLineage(jobThatSays({ ...told, modelVersion: 'digits-3' }))],
    [
      'when the job published other bytes',
      withLineage(jobThatSays({ ...told, bundle: { ...told.bundle, digest: `sha256:${'c'.repeat(64)}` } })),
    ],
    [
      'when the job published to another place',
      withLineage(jobThatSays({ ...told, bundle: { ...told.bundle, uri: `${bundle.uri}x` } })),
    ],
    [
      'when the job has its number and has ended otherwise',
      withLineage(jobThatSays({ completedAt: startTime }), { numbers: itsNumber }),
    ],
  ])('is verified %s', (_, observed) => {
    expect(standing(observed)).toEqual(['Ready=Unknown Verifying', 'Reconciling=True Verifying']);
    expect(plan(observed).desired.map(({ manifest }) => manifest.kind)).toEqual(['Job']);
  });

  test('is not told of while its job has its number and is about to say so, for a minute at most', () => {
    const expected = withLineage(jobThatSays({}), { numbers: itsNumber });
    expect(plan(expected)).toMatchObject({ desired: [], status: { observedGeneration: -1 }, events: [] });
    expect(standing(expected, 60)).toEqual(['Ready=Unknown Verifying', 'Reconciling=True Verifying']);
  });

  test('stays Ready over an upgrade, whatever vouched for it then', () => {
    const { modelVersion } = observe();
    for (const reason of ['Published', 'Imported']) {
      const at = { observedGeneration: 1, lastTransitionTime: startTime };
      const conditions = [{ type: 'Ready', status: 'True' as const, reason, message: '', ...at }];
      const old = observe({ modelVersion: { ...modelVersion, status: { observedGeneration: 1, conditions } } });
      expect(standing(old)).toEqual([`Ready=True ${reason}`]);
      expect(plan(old).desired).toEqual([]);
    }
  });
});

describe('the number of a ModelVersion', () => {
  const written = (observed: ModelVersionObserved) =>
    plan(observed).desired.flatMap(({ manifest, lifetime }) =>
      manifest.kind === 'ConfigMap' ? [{ lifetime, metadata: manifest.metadata, data: manifest['data'] }] : [],
    );
  const isReady = { numbers: { highestNamed: 9 } };

  test('that was imported is written down, over the numbers that were read', () => {
    expect(written(observe({ numbers: kept([{ number: 2, digest: 'd' }], 3) }))).toMatchObject([
      {
        lifetime: 'Shared',
        metadata: { name: 'sluice-numbers-digits', uid: 'numbers', resourceVersion: '7' },
        data: {
          highest: '4',
          given: JSON.stringify([
            { number: 2, digest: 'd' },
            { number: 4, digest },
          ]),
        },
      },
    ]);
  });

  test('is written down for a model that has none yet, with the highest of all', () => {
    const first = observe({ numbers: { highestNamed: 9 } });
    expect(written(first)).toMatchObject([{ data: { highest: '9' } }]);
    expect(written(first)[0]?.metadata.resourceVersion).toBeUndefined();
    expect(written(after(withLineage(jobThatSays(told)), isReady))).toMatchObject([{ data: { highest: '9' } }]);
  });

  test('is not written down again for what was Ready before, below the highest', () => {
    expect(written(after(withLineage(jobThatSays(told)), { numbers: kept([], 9) }))).toEqual([]);
  });

  test('is not written down while nobody can read the numbers', () => {
    const numbers = { configMap: { metadata: { uid: 'n', resourceVersion: '1' }, data: {} }, highestNamed: 0 };
    expect(written(observe({ numbers }))).toEqual([]);
  });

  test('names one model: other bytes under it are refused', () => {
    const other = observe({ numbers: kept([{ number: 4, digest: `sha256:${'c'.repeat(64)}` }]) });
    expect(standing(other)).toEqual(['Ready=False NumberUsed', 'Stalled=True NumberUsed']);
    expect(plan(other).desired).toEqual([]);
  });
});
