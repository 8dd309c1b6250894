// Bundles as files: equal runs make equal ones, good ones can be brought in by hand, damaged ones are never loaded.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ModelVersionSpec } from '@sluice/crds/v1alpha1/model-version.ts';
import { startClient } from '../../demo/steps/client.ts';
import { inClaims, openClaims } from './claims.ts';
import { twoClasses } from './datasets.ts';
import { demoPlace } from './demo-place.ts';
import { dataset, modelDeployment, models, trainingJob } from './manifests.ts';
import { askAboutPoint, inferUrl, untilLive } from './serving.ts';
import { apiVersion, condition, World } from './world.ts';

let world: World;
/** Digest of the bundle that the first two jobs made, and of the third. */
let digest: string;
let otherDigest: string;

/** Learned well enough to tell the two classes apart. */
const pointsJob = (name: string, spec: object = {}) =>
  trainingJob(name, { model: 'points', builtin: { epochs: 20, optimizer: { learningRate: 0.05 } }, spec });

const bundleOf = async (name: string) =>
  (
    (await world.untilCondition({ kind: 'ModelVersion', name, within: 150 }, { type: 'Ready', status: 'True' }))
      .spec as ModelVersionSpec
  ).bundle;

const directoryOf = (of: string) => of.replace(':', '-');

/** A version that a person writes: no lineage. */
const importedVersion = (modelName: string, number: number, claim = 'imported') => ({
  apiVersion,
  kind: 'ModelVersion',
  metadata: { name: `${modelName}-${number}` },
  spec: {
    modelName,
    number,
    bundle: { uri: `pvc://${claim}/${modelName}/${directoryOf(digest)}`, digest, format: 'TFJSLayers' },
  },
});

/** Flips one bit in the middle of a bundle's weights. */
const damage = (bundle: string) =>
  inClaims(
    world,
    `file=$(ls -S "$0"/* | head -1); chmod u+w "$file"; node -e '
      const fs = require("node:fs"); const bytes = fs.readFileSync(process.argv[1]);
      bytes[bytes.length >> 1] ^= 1; fs.writeFileSync(process.argv[1], bytes)' "$file"`,
    bundle,
  );

/** Copies the first bundle below another model's name in the other claim. */
const copyTo = (modelName: string) =>
  inClaims(
    world,
    'mkdir -p "/claims/imported/$1" && cp -r "/claims/models/points/$0" "/claims/imported/$1/"',
    directoryOf(digest),
    modelName,
  );

beforeAll(async () => {
  world = await World.open('bundles');
  await world.apply(models, { ...models, metadata: { name: 'imported' } }, dataset('points', twoClasses(200)));
  await world.apply(pointsJob('one'));
  const [bundle] = await Promise.all([bundleOf('points-1'), openClaims(world, 'models', 'imported')]);
  digest = bundle.digest;
  await startClient(demoPlace(world));
}, 240_000);

afterAll(() => world.close());

test('the same data, spec and seed make the same bundle, and another seed makes another', async () => {
  await world.apply(pointsJob('two'));
  expect((await bundleOf('points-2')).digest).toBe(digest);
  await world.apply(pointsJob('three', { seed: 3 }));
  otherDigest = (await bundleOf('points-3')).digest;
  expect(otherDigest).not.toBe(digest);
}, 240_000);

describe('a bundle that a person brings', () => {
  test('is verified, becomes Ready, and serves', async () => {
    await copyTo('copied');
    await world.apply(importedVersion('copied', 1));
    await world.untilCondition(
      { kind: 'ModelVersion', name: 'copied-1', within: 120 },
      { type: 'Ready', status: 'True', reason: 'Imported' },
    );
    await world.apply(modelDeployment('copied', { name: 'copied', track: 'Latest' }));
    const url = inferUrl(await untilLive(world, 'copied', 'copied-1'));
    expect(await askAboutPoint(world, url, 2.5, -2.5)).toEqual({ version: 'copied-1', label: 'yes' });
    expect(await askAboutPoint(world, url, 0, 0)).toEqual({ version: 'copied-1', label: 'no' });
  }, 240_000);

  test('is refused when one bit of it is wrong', async () => {
    await copyTo('damaged');
    await damage(`/claims/imported/damaged/${directoryOf(digest)}`);
    await world.apply(importedVersion('damaged', 1));
    const version = await world.untilCondition(
      { kind: 'ModelVersion', name: 'damaged-1', within: 120 },
      { type: 'Stalled', status: 'True', reason: 'BundleCorrupt' },
    );
    expect(condition(version, 'Ready')?.status).toBe('False');
  }, 150_000);

  test('is said to be missing when it is not there, and so is its claim', async () => {
    await world.apply(importedVersion('nowhere', 1), importedVersion('nowhere', 2, 'no-claim'));
    const stalled = (name: string, reason: string) =>
      world.untilCondition({ kind: 'ModelVersion', name, within: 120 }, { type: 'Stalled', status: 'True', reason });
    const lost = { type: 'Ready', status: 'False', reason: 'StorageMissing' };
    const version = await world.untilCondition({ kind: 'ModelVersion', name: 'nowhere-2', within: 120 }, lost);
    expect(condition(version, 'Ready')?.message).toContain('no-claim');
    await stalled('nowhere-1', 'BundleMissing');
  }, 150_000);
});

describe('a ModelDeployment', () => {
  const reasonOf = (name: string, type: string, status: string, reason: string) =>
    world.untilCondition({ kind: 'ModelDeployment', name, within: 120 }, { type, status, reason });

  test('without any version says what makes one', async () => {
    await world.apply(modelDeployment('empty', { name: 'nothing', track: 'Latest' }));
    const deployment = await reasonOf('empty', 'Ready', 'False', 'NoVersion');
    expect(condition(deployment, 'Ready')?.message).toContain('nothing');
    expect(condition(deployment, 'Available')?.status).toBe('False');
  }, 90_000);

  test('of a version that does not exist waits for it, and heals when the version is created', async () => {
    await world.apply(modelDeployment('early', { name: 'copied', version: 'copied-7' }));
    const early = await reasonOf('early', 'Reconciling', 'True', 'VersionNotFound');
    expect(condition(early, 'Ready')?.message).toContain('copied-7');
    await world.apply(importedVersion('copied', 7));
    await untilLive(world, 'early', 'copied-7');
  }, 240_000);

  test('keeps serving what it served when the files of the next version are damaged', async () => {
    await world.apply(modelDeployment('pinned', { name: 'points', version: 'points-1' }));
    const url = inferUrl(await untilLive(world, 'pinned', 'points-1'));
    await damage(`/claims/models/points/${directoryOf(otherDigest)}`);
    await world.patch('ModelDeployment', 'pinned', { spec: { model: { version: 'points-3' } } });
    const deployment = await reasonOf('pinned', 'Stalled', 'True', 'BundleCorrupt');
    expect(condition(deployment, 'Available')?.status).toBe('True');
    expect(condition(deployment, 'Ready')?.status).toBe('False');
    expect(await askAboutPoint(world, url, 2.5, -2.5)).toEqual({ version: 'points-1', label: 'yes' });
  }, 240_000);
});
