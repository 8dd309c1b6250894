// A version whose numbers overflow for some inputs, imported as a person would: its answers that are no numbers are seen
// as such, by the guardrail where clients ask it, and by an evaluation before they can.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { nonFiniteStatus } from '@sluice/crds/contract.ts';
import { age, city, digit, writeTinyBundle } from '@sluice/server/testing/tiny-bundle.ts';
import { startLoad } from '../../demo/load/run.ts';
import { startClient } from '../../demo/steps/client.ts';
import { inClaims, openClaims } from './claims.ts';
import { demoPlace } from './demo-place.ts';
import { dataset, models, provingDeployment, quickRollout } from './manifests.ts';
import { inferUrl, servingStatus, untilLive } from './serving.ts';
import { apiVersion, World } from './world.ts';

const requestsPerSecond = 20;

let world: World;
let directory: string;
let url: string;

const bodyOf = (years: number) =>
  JSON.stringify({
    inputs: [
      { name: 'age', datatype: 'FP64', shape: [1], data: [years] },
      { name: 'city', datatype: 'BYTES', shape: [1], data: ['Graz'] },
    ],
  });

/** Writes a bundle into the claim, and the ModelVersion that imports it. */
async function importVersion(number: number, weight: (index: number) => number): Promise<void> {
  const plan = { network: 'Linear', features: [age, city], target: digit, weight } as const;
  const { digest, directory: bundle } = await writeTinyBundle(directory, plan);
  const place = `ages/${digest.replace(':', '-')}`;
  for (const file of await readdir(bundle)) {
    const bytes = await readFile(join(bundle, file), 'base64');
    await inClaims(world, 'mkdir -p "$0"; echo "$2" | base64 -d > "$0/$1"', `/claims/models/${place}`, file, bytes);
  }
  await world.apply({
    apiVersion,
    kind: 'ModelVersion',
    metadata: { name: `ages-${number}` },
    spec: { modelName: 'ages', number, bundle: { uri: `pvc://models/${place}`, digest, format: 'TFJSLayers' } },
  });
}

/** The same place in every weight: 3 is the age's weight and the bias of class 3, 23 is what Graz adds to it. */
const always3 = (index: number) => (index === 23 ? 10 : 0);
/** As good from 30 to 43 years; above that the sum leaves the range of a float, and the answer is NaN. */
const overflowing = (index: number) => (index === 3 ? 3e38 : 0);

const rejectionOf = (name: string) =>
  world.until(
    { kind: 'ModelDeployment', name, within: 120 },
    (deployment) => servingStatus(deployment).rejected !== undefined,
  );

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'nan-candidate-'));
  world = await World.open('nan');
  const rows = Array.from({ length: 100 }, (_, row) => `${30 + (row % 40)},Graz,3`);
  await world.apply(models, dataset('holdout', ['age,city,label', ...rows, ''].join('\n')));
  await Promise.all([openClaims(world, 'models'), startClient(demoPlace(world))]);
  await importVersion(1, always3);
  const { spec, ...asked } = provingDeployment('asked', { name: 'ages', track: 'Latest' });
  const [accuracy] = spec.gates;
  // Nothing but the guardrail judges the one that clients ask.
  const steps = [{ ...quickRollout.steps[0], weightPercent: 50, minCandidateSamples: 400 }];
  await world.apply(
    { ...asked, spec: { ...spec, rollout: { ...quickRollout, steps }, gates: [] } },
    { ...asked, metadata: { name: 'evaluated' }, spec: { ...spec, gates: [accuracy] } },
  );
  const [live] = await Promise.all([untilLive(world, 'asked', 'ages-1'), untilLive(world, 'evaluated', 'ages-1')]);
  url = inferUrl(live);
}, 240_000);

afterAll(async () => {
  await rm(directory, { recursive: true, force: true });
  await world.close();
});

test('answers that are no numbers take it back, and are counted and named', async () => {
  const load = startLoad(demoPlace(world), { url, requestsPerSecond, bodies: [bodyOf(30), bodyOf(60)] });
  try {
    await importVersion(2, overflowing);
    const [asked, evaluated] = await Promise.all([rejectionOf('asked'), rejectionOf('evaluated')]);
    expect(servingStatus(asked).rejected).toMatchObject([
      {
        version: 'ages-2',
        gate: 'guardrail',
        message: expect.stringMatching(
          / \d+ of \d+ answers were NaN or infinite \(live: 0 of \d+\)\. Check its ModelV/,
        ),
      },
    ]);
    expect(servingStatus(evaluated).rejected).toMatchObject([
      {
        version: 'ages-2',
        gate: 'accuracy',
        message: expect.stringMatching(/of 100 rows \(58 NaN\) misses .* ages-2/),
      },
    ]);
    expect(servingStatus(evaluated).traffic).toContainEqual(
      expect.objectContaining({ version: 'ages-1', wantedPercent: 100, verifiedPercent: 100 }),
    );
  } finally {
    await load.stop();
  }
  // A small node may be too busy for some; every other answer is a prediction, or says that there is none.
  const statuses = new Set(load.answers.map(({ status }) => status).filter((status) => status !== 429));
  expect([...statuses].toSorted()).toEqual([200, nonFiniteStatus]);
}, 180_000);
