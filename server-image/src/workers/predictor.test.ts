import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { age, type BundlePlan, city, digit, pixels, price, writeTinyBundle } from '../testing/tiny-bundle.ts';
import { wasmDirectory } from '../testing/wasm-directory.ts';
import { NonFiniteError, openPredictor } from './predictor.ts';

let storage: string;
beforeAll(async () => {
  storage = await mkdtemp(join(tmpdir(), 'predictor-'));
});
afterAll(() => rm(storage, { recursive: true, force: true }));

async function open(plan: BundlePlan) {
  const { digest, directory } = await writeTinyBundle(storage, plan);
  return openPredictor({ modelDirectory: directory, bundleDigest: digest, wasmDirectory, maxElements: 1_000_000 });
}

const image = (seed: number) => Float32Array.from({ length: 784 }, (_, index) => Math.abs(Math.sin(index * seed)));

describe.each(['MLP', 'CNN', 'Linear'] as const)('a %s', (network) => {
  test('gives each row of a large batch what it gives the row alone', async () => {
    const predictor = await open({ network, features: [pixels], target: digit });
    const rows = 130;
    const images = Array.from({ length: rows }, (_, row) => image(row + 1));
    const together = Float32Array.from(images.flatMap((pixel) => [...pixel]));
    const [labels, probabilities] = predictor.predict({ rows, inputs: new Map([['pixels', together]]) });
    expect(labels?.shape).toEqual([rows]);
    expect(probabilities?.shape).toEqual([rows, 10]);
    for (const row of [0, 63, 64, 129]) {
      const [label, alone] = predictor.predict({ rows: 1, inputs: new Map([['pixels', images[row] ?? image(0)]]) });
      expect(labels?.data[row]).toBe(label?.data[0]);
      const expected = Array.from<unknown, unknown>(alone?.data ?? [], (value) => expect.closeTo(Number(value), 6));
      expect(Array.from<unknown>(probabilities?.data.slice(row * 10, row * 10 + 10) ?? [])).toEqual(expected);
    }
  });
});

describe('a regression', () => {
  const plan: BundlePlan = { network: 'Linear', features: [age, city], target: price, weight: () => 0.5 };
  const bias = 0.5;

  test('encodes its features as in training and answers in the unit of the target', async () => {
    const predictor = await open(plan);
    const inputs = new Map<string, Float64Array | (string | null)[]>([
      ['age', Float64Array.of(41.5, 41.5 + 12.25, Number.NaN)],
      ['city', ['Graz', 'unseen', null]],
    ]);
    const outputs = predictor.predict({ rows: 3, inputs });
    const scaled = [0, 1, (40 - 41.5) / 12.25];
    expect(outputs).toEqual([
      {
        name: 'value',
        datatype: 'FP64',
        shape: [3],
        data: expect.any(Float64Array),
      },
    ]);
    const wanted = scaled.map((x) => expect.closeTo(100 + 20 * (0.5 * x + 0.5 + bias), 3));
    expect(Array.from<unknown>(outputs[0]?.data ?? [])).toEqual(wanted);
  });

  test('whose output is not finite says for which row', async () => {
    const predictor = await open({ ...plan, weight: () => 1e3 });
    const inputs = new Map<string, Float64Array | string[]>([
      ['age', Float64Array.of(41, 1e37, 2e37)],
      ['city', ['Graz', 'Graz', 'Graz']],
    ]);
    expect(() => predictor.predict({ rows: 3, inputs })).toThrow(new NonFiniteError([1, 2]));
  });
});

describe('a bundle is refused', () => {
  test('when a file has other bytes than its manifest says', async () => {
    const { digest, directory } = await writeTinyBundle(storage, { network: 'MLP', features: [age], target: digit });
    await writeFile(join(directory, 'weights.bin'), 'damaged');
    const setup = { modelDirectory: directory, bundleDigest: digest, wasmDirectory, maxElements: 1000 };
    await expect(openPredictor(setup)).rejects.toMatchObject({ reason: 'BundleCorrupt' });
  });

  test('when it is not the one that is asked for', async () => {
    const { directory } = await writeTinyBundle(storage, { network: 'Linear', features: [age], target: digit });
    const bundleDigest = `sha256:${'0'.repeat(64)}`;
    const setup = { modelDirectory: directory, bundleDigest, wasmDirectory, maxElements: 1000 };
    await expect(openPredictor(setup)).rejects.toMatchObject({ reason: 'BundleCorrupt' });
  });

  test('when a weight is NaN: the warm-up finds it', async () => {
    const broken = open({ network: 'MLP', features: [pixels], target: digit, weight: () => Number.NaN });
    await expect(broken).rejects.toMatchObject({
      reason: 'BundleUnsupported',
      message: expect.stringMatching(/^warm-up with 1 typical rows failed: the model's output for row 0 is not finite/),
    });
  });

  test('when its network gives another number of outputs than it has classes', async () => {
    const broken = open({ network: 'MLP', features: [pixels], target: digit, units: 9 });
    await expect(broken).rejects.toMatchObject({
      reason: 'BundleUnsupported',
      message: expect.stringMatching(/^warm-up with 1 typical rows failed: the network gave 9 numbers/),
    });
  });

  test('when its network takes another shape than its manifest says', async () => {
    const broken = open({ network: 'MLP', features: [age, city], target: digit, inputShape: [3] });
    await expect(broken).rejects.toMatchObject({
      reason: 'BundleUnsupported',
      message: expect.stringMatching(
        /^the network has inputs \[\[4\]\] and 1 outputs; the manifest says inputs \[\[3\]\]/,
      ),
    });
  });

  test.each([
    [{ 'model.json': undefined }, 'the bundle has no file model.json; export the model again'],
    [{ 'weights.bin': undefined }, 'the bundle has no file weights.bin; export the model again'],
    [{ 'model.json': '{}' }, 'model.json has no modelTopology or weightsManifest; export a Layers model'],
    [{ 'model.json': '{' }, /^model.json is not JSON/],
    [{ 'weights.bin': 'short' }, /^TensorFlow.js cannot load the model: /],
  ])('when its files are changed by %j', async (files, message) => {
    const broken = open({ network: 'MLP', features: [age], target: digit, files });
    await expect(broken).rejects.toMatchObject({
      reason: 'BundleUnsupported',
      message: expect.stringMatching(message),
    });
  });
});
