// A refused revision stays refused, as long as nobody asks for another attempt.
import { describe, expect, test } from '@jest/globals';
import type { ModelDeploymentStatus } from '@sluice/crds/v1alpha1/model-deployment.ts';
import type { Share } from '../../traffic/shares.ts';
import { planModelDeployment } from '../plan.ts';
import { modelDeployment, observe, record, settings, start, version } from '../testing/samples.ts';
import { aimAt } from './aim.ts';
import { keepRejections, newestRejection, noteWithdrawn, type Rejection, rejectionFor } from './rejections.ts';

const rejected = (number: number, retryToken = ''): Rejection =>
  rejectionFor(record(number), { gate: 'errors', message: 'error rate 0.2' }, { retryToken, now: start });
const step = { name: 'probe', weightPercent: 5 };
const status = (changes: Partial<ModelDeploymentStatus>): ModelDeploymentStatus => ({
  observedGeneration: 1,
  stable: record(1),
  ...changes,
});

function aim(spec: object, rejections: Rejection[], versions = [1, 2, 3]) {
  const deployment = modelDeployment({ rollout: { steps: [step] }, ...spec }, status({ rejected: rejections }));
  const observed = observe({ modelDeployment: deployment, versions: versions.map((number) => version(number)) });
  const { choice, wanted } = aimAt(observed, settings);
  return { version: wanted?.data.version, problem: choice.problem?.reason };
}

const pinned = { model: { name: 'digits', version: 'digits-3' } };
const pinnedBytes = { model: { name: 'digits', digest: record(3).digest } };

describe('what is aimed at', () => {
  test.each<[string, object, Rejection[], object]>([
    ['the newest version', {}, [], { version: 'digits-3' }],
    ['the next older one when that was refused', {}, [rejected(3)], { version: 'digits-2' }],
    ['the live one when all newer ones were refused', {}, [rejected(3), rejected(2)], { version: 'digits-1' }],
    [
      'the refused one under another retryToken',
      { rollout: { steps: [step], retryToken: 'b' } },
      [rejected(3)],
      { version: 'digits-3' },
    ],
    [
      'not the refused one when the rollout was removed',
      { rollout: undefined },
      [rejected(3, 'a')],
      { version: 'digits-2' },
    ],
    ['nothing when the pinned one was refused', pinned, [rejected(3)], { problem: 'GateFailed' }],
    ['nothing when the pinned bytes were refused', pinnedBytes, [rejected(3)], { problem: 'GateFailed' }],
    [
      'a refused version with other settings, which are another revision',
      { server: { workers: 2 } },
      [rejected(3)],
      { version: 'digits-3' },
    ],
  ])('is %s', (_what, spec, rejections, expected) => {
    expect(aim(spec, rejections)).toEqual({ version: undefined, problem: undefined, ...expected });
  });

  test('is no version older than a full list: whether it was refused is not known any more', () => {
    const rejections = Array.from({ length: 10 }, (_, index) => rejected(index + 3));
    expect(aim({}, rejections, [1, 2, 3, 12])).toEqual({ version: undefined, problem: 'GateFailed' });
  });
});

describe('a newer number with the bytes of a refused one', () => {
  const same = (number: number, bytes: number) => version(number, 'True', String(bytes));
  const after = (rejections: Rejection[], versions = [version(7), same(8, 6)], spec: object = {}) =>
    planModelDeployment(
      observe({
        modelDeployment: modelDeployment(
          { rollout: { steps: [step] }, ...spec },
          status({ stable: record(7), rejected: rejections }),
        ),
        versions,
      }),
      start,
      settings,
    ).status;

  test('is the refused one, under its own number, and people are told', () => {
    const { candidate, conditions, rejected: list } = after([rejected(6)]);
    expect(candidate).toBeUndefined();
    expect(list?.map(({ version: name }) => name)).toEqual(['digits-8']);
    expect(conditions).toContainEqual(
      expect.objectContaining({ type: 'CandidateRejected', message: 'digits-8 was refused: error rate 0.2' }),
    );
  });

  test('keeps its place in a full list', () => {
    const full = Array.from({ length: 10 }, (_, index) => rejected(index + 10));
    expect(after([...full.slice(1), rejected(6)], [same(30, 6)]).rejected?.[0]?.version).toBe('digits-30');
  });

  test('leaves the name that the spec pins', () => {
    const pin = { model: { name: 'digits', version: 'digits-6' } };
    expect(after([rejected(6)], [version(6), same(8, 6)], pin).rejected?.[0]?.version).toBe('digits-6');
  });
});

describe('the list of rejections', () => {
  const keep = (rejections: Rejection[], added?: Rejection, spec: { readonly [field: string]: unknown } = {}) =>
    keepRejections(modelDeployment(spec, status({ rejected: rejections })), added, record(3).revision).map(
      ({ version: name, retryToken }) => `${name}${retryToken}`,
    );

  test('has each revision once, with its last attempt', () => {
    expect(keep([rejected(2), rejected(4)], rejected(2, 'b'))).toEqual(['digits-4', 'digits-2b']);
  });

  test('remembers what is older than the live version: somebody may name it', () => {
    expect(keep([rejected(2), rejected(4)])).toEqual(['digits-4', 'digits-2']);
  });

  test('forgets the revision that is live by now', () => {
    expect(keep([rejected(3), rejected(4)])).toEqual(['digits-4']);
  });

  test('has at most ten entries, the newest versions', () => {
    const twelve = Array.from({ length: 12 }, (_, index) => rejected(index + 1));
    expect(keep(twelve)).toHaveLength(10);
    expect(keep(twelve)).not.toContain('digits-1');
    expect(keep(twelve, undefined, { model: { name: 'digits', version: 'digits-1' } })).toContain('digits-1');
  });
});

describe('the rejection that people have to know', () => {
  test.each<[string, { readonly [field: string]: unknown }, Rejection[], string | undefined]>([
    ['is of a version newer than the live one', {}, [rejected(2), rejected(4)], 'digits-4'],
    ['is of no older version', {}, [rejected(2)], undefined],
    [
      'is of an older one that the spec names',
      { model: { name: 'digits', version: 'digits-2' } },
      [rejected(2)],
      'digits-2',
    ],
    [
      'holds no more under another retryToken',
      { rollout: { steps: [step], retryToken: 'b' } },
      [rejected(4)],
      undefined,
    ],
  ])('%s', (_what, spec, rejections, expected) => {
    const deployment = modelDeployment(spec, status({ stable: record(3), rejected: rejections }));
    expect(newestRejection(deployment)?.version).toBe(expected);
  });
});

describe('when a refused revision had its last request', () => {
  const evidenceAt = start + 250;
  const of = (gone: Partial<Share>): Share[] => [
    { ...record(2), wantedPercent: 0, verifiedPercent: 0, changedAt: '2026-01-05T10:00:00Z', ...gone },
  ];
  const refused = rejectionFor(record(2), { gate: 'errors', message: '', evidenceAt }, { retryToken: '', now: start });

  test.each<[string, Rejection, Share[], string | undefined]>([
    ['is noted once every gateway pod is known to send none', refused, of({}), '2026-01-05T10:00:01.125Z'],
    ['is not known while one may send some', refused, of({ verifiedPercent: 20 }), undefined],
    ['is not known while it keeps a share that nobody else can take', refused, of({ wantedPercent: 20 }), undefined],
    ['is not told of one that never had any', rejected(2), of({}), undefined],
    ['is not noted again', { ...refused, withdrawnAt: '2026-01-05T10:00:01Z' }, of({}), '2026-01-05T10:00:01Z'],
    ['stays when its share is gone', { ...refused, withdrawnAt: '2026-01-05T10:00:01Z' }, [], '2026-01-05T10:00:01Z'],
  ])('%s', (_, rejection, shares, withdrawnAt) => {
    expect(noteWithdrawn(rejection, shares, start + 1_125)).toEqual(
      withdrawnAt === undefined ? rejection : { ...rejection, withdrawnAt },
    );
  });
});
