// Who is stable and who is on its way.
import { describe, expect, test } from '@jest/globals';
import type { ModelDeploymentStatus } from '@sluice/crds/v1alpha1/model-deployment.ts';
import type { Share } from '../../traffic/shares.ts';
import { known, record, revision, share } from '../testing/samples.ts';
import { nextPlace } from './place.ts';

const wantedAs = (number: number, version = record(number).version) => ({ ...revision(number), version });

const status = (stable?: number, candidate?: number): ModelDeploymentStatus => ({
  observedGeneration: 1,
  ...(stable === undefined ? {} : { stable: record(stable) }),
  ...(candidate === undefined ? {} : { candidate: record(candidate) }),
});

test.each<[string, ModelDeploymentStatus, number | undefined, Share[], number | undefined, number | undefined]>([
  ['the first version is a candidate', status(), 1, [], undefined, 1],
  ['a candidate whose weight is not verified stays one', status(1, 2), 2, [share(1, 0), share(2, 100)], 1, 2],
  [
    'a candidate that is known to have all requests is stable',
    status(1, 2),
    2,
    [known(1, 0), known(2, 100)],
    2,
    undefined,
  ],
  ['a candidate without weight gives way to a newer version', status(1, 2), 3, [known(1, 100), known(2, 0)], 1, 3],
  ['a candidate with weight arrives before anything else begins', status(1, 2), 3, [share(1, 0), share(2, 100)], 1, 2],
  ['the one after it begins when it has arrived', status(1, 2), 3, [known(1, 0), known(2, 100)], 2, 3],
  ['a candidate is dropped when stable is wanted again', status(1, 2), 1, [known(1, 100)], 1, undefined],
  ['a candidate is dropped when nothing can be wanted', status(1, 2), undefined, [known(1, 100)], 1, undefined],
])('%s', (_, before, wanted, shares, stable, candidate) => {
  expect(nextPlace(before, wanted === undefined ? undefined : wantedAs(wanted), shares)).toEqual({
    stable: stable === undefined ? undefined : record(stable),
    candidate: candidate === undefined ? undefined : record(candidate),
  });
});

describe('a revision that leaves and is wanted again', () => {
  test('is a candidate again, although its pods still run', () => {
    expect(nextPlace(status(2), wantedAs(1), [known(1, 0), known(2, 100)]).candidate).toEqual(record(1));
  });
});

test('a new version with the bytes of the stable one is live at once, under its own name', () => {
  expect(nextPlace(status(1), wantedAs(1, 'digits-9'), [known(1, 100)])).toEqual({
    stable: { ...record(1), version: 'digits-9' },
    candidate: undefined,
  });
});
