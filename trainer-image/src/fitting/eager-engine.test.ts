// The eager engine on the pure JavaScript backend: what it learns, and that stopping and going on changes no bit.
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Builtin } from '@sluice/crds/v1alpha1/builtin-trainer.ts';
import { makeEagerEngine } from './eager-engine.ts';
import {
  ArchitectureError,
  DivergedError,
  type Engine,
  type FitState,
  type FitTask,
  type FittedNetwork,
  type Part,
} from './engine.ts';
import { balancedWeights } from './objective.ts';
import { loadPortable } from './portable.ts';
import { makeRandom } from './random.ts';

let engine: Engine;
beforeAll(async () => {
  engine = makeEagerEngine(await loadPortable());
});

/** Points of the unit square; class 1 (or value x + 2y) above the diagonal. */
function makePart(rows: number, seed: number, regression = false): Part {
  const random = makeRandom(seed);
  const inputs = Float32Array.from({ length: rows * 2 }, () => random() * 2 - 1);
  const targets = Float32Array.from({ length: rows }, (_, row) => {
    const [x = 0, y = 0] = inputs.subarray(row * 2, row * 2 + 2);
    return regression ? x + 2 * y : Number(x + y > 0);
  });
  return { rows, inputs, targets };
}

const builtin: Builtin = {
  task: 'Classification',
  architecture: { type: 'MLP', hiddenUnits: [6], l2: 0 },
  epochs: 4,
  batchSize: 16,
  optimizer: { type: 'Adam', learningRate: 0.05 },
  classWeights: 'None',
};

function makeTask(changes: Partial<Builtin> = {}, more: Partial<FitTask> = {}): FitTask {
  return {
    builtin: { ...builtin, ...changes },
    seed: 7,
    inputShape: [2],
    output: { type: 'Classes', count: 2 },
    training: makePart(100, 1),
    validation: makePart(40, 2),
    resumeFrom: undefined,
    watch: { alive: async () => {}, afterStep: async () => 'Continue' },
    ...more,
  };
}

async function fit(task: FitTask): Promise<FittedNetwork> {
  const network = await engine.fit(task);
  if (network === undefined) throw new Error('The fit was stopped.');
  return network;
}

async function accuracyOf(network: FittedNetwork, part: Part): Promise<number> {
  const output = await network.predict(part.inputs, part.rows);
  const right = part.targets.filter((target, row) => (output[row * 2 + target] ?? 0) > 0.5);
  return right.length / part.rows;
}

/** Fits until `step`, and gives the state it had there. */
async function stateAt(step: number, task: FitTask): Promise<FitState> {
  const states: FitState[] = [];
  const stopped = await engine.fit({
    ...task,
    watch: {
      alive: async () => {},
      async afterStep(progress, takeState) {
        if (progress.step < step) return 'Continue';
        states.push(await takeState());
        return 'Stop';
      },
    },
  });
  expect(stopped).toBeUndefined();
  const [state] = states;
  if (state === undefined) throw new Error(`The fit never reached step ${step}.`);
  return state;
}

describe('learning', () => {
  test('an MLP tells the two sides of a line apart', async () => {
    const network = await fit(makeTask({ epochs: 20 }));
    expect(await accuracyOf(network, makePart(200, 3))).toBeGreaterThan(0.93);
    expect(network).toMatchObject({ epochsRun: 20, bestEpoch: 20, parameters: 2 * 6 + 6 + 6 * 2 + 2 });
  });

  test('a linear model finds the slopes', async () => {
    const changes = { task: 'Regression', architecture: { type: 'Linear', l2: 0 }, epochs: 30 } as const;
    const network = await fit(
      makeTask(changes, {
        output: { type: 'Value', deviation: 1 },
        training: makePart(100, 1, true),
        validation: makePart(40, 2, true),
      }),
    );
    const [atX = 0, atY = 0, atZero = 0] = await network.predict(new Float32Array([1, 0, 0, 1, 0, 0]), 3);
    expect(atX - atZero).toBeCloseTo(1, 1);
    expect(atY - atZero).toBeCloseTo(2, 1);
  });

  test('a CNN takes images and learns which half is bright', async () => {
    const random = makeRandom(4);
    const rows = 60;
    const targets = Float32Array.from({ length: rows }, () => Number(random() > 0.5));
    const inputs = Float32Array.from({ length: rows * 16 }, (_, place) => {
      const left = place % 4 < 2;
      return Number(left === (targets[Math.floor(place / 16)] === 1)) + random() * 0.2;
    });
    const training = { rows, inputs, targets };
    const changes: Partial<Builtin> = {
      architecture: { type: 'CNN', filters: [2], hiddenUnits: [4], l2: 0 },
      epochs: 12,
    };
    const network = await fit(makeTask(changes, { inputShape: [4, 4, 1], training, validation: training }));
    expect(await accuracyOf(network, training)).toBeGreaterThan(0.9);
  });

  test('a penalty makes the weights smaller', async () => {
    const norm = async (l2: number) => {
      const files = await (await fit(makeTask({ architecture: { type: 'Logistic', l2 } }))).exportFiles();
      const weights = new Float32Array(Uint8Array.from(files.get('weights.bin') ?? []).buffer);
      return weights.slice(0, 4).reduce((sum, weight) => sum + weight * weight, 0);
    };
    expect(await norm(1)).toBeLessThan(0.5 * (await norm(0)));
  });

  test('balanced class weights have mean 1 over the training rows, also when a class has none there', () => {
    const part = { rows: 4, inputs: new Float32Array(8), targets: Float32Array.of(0, 0, 0, 2) };
    const weights = balancedWeights(part, 4);
    expect(weights).toEqual(Float32Array.of(2 / 3, 0, 2, 0));
    expect(part.targets.reduce((sum, target) => sum + (weights[target] ?? 0), 0) / part.rows).toBeCloseTo(1, 6);
  });

  test('balanced class weights find more of a rare class', async () => {
    const all = makePart(400, 5);
    const keep = [...all.targets.keys()].filter((row) => all.targets[row] === 0 || row % 12 === 0);
    const noisy = keep.map((row) => [...all.inputs.subarray(row * 2, row * 2 + 2)].map((value) => value * 0.3));
    const training = {
      rows: keep.length,
      inputs: Float32Array.from(noisy.flat()),
      targets: Float32Array.from(keep, (row) => all.targets[row] ?? 0),
    };
    const foundRare = async (classWeights: 'None' | 'Balanced') => {
      const network = await fit(makeTask({ architecture: { type: 'Logistic', l2: 0 }, classWeights }, { training }));
      const output = await network.predict(training.inputs, training.rows);
      return training.targets.filter((target, row) => target === 1 && (output[row * 2 + 1] ?? 0) > 0.5).length;
    };
    expect(await foundRare('Balanced')).toBeGreaterThan(await foundRare('None'));
  });
});

describe('early stopping', () => {
  test('stops without improvement and restores the weights of the best epoch', async () => {
    const seen: number[] = [];
    const task = makeTask(
      {
        epochs: 50,
        optimizer: { type: 'SGD', learningRate: 4 },
        earlyStopping: { metric: 'val_loss', patience: 2, minDelta: 0 },
      },
      {
        watch: {
          alive: async () => {},
          async afterStep({ step, metrics }) {
            if (step % 7 === 0) seen.push(metrics?.validation?.loss ?? Number.NaN);
            return 'Continue';
          },
        },
      },
    );
    const network = await fit(task);
    expect(network.epochsRun).toBe(network.bestEpoch + 2);
    expect(network.epochsRun).toBeLessThan(50);
    expect(seen[network.bestEpoch - 1]).toBe(Math.min(...seen));
    expect(await lossOn(network, task.validation)).toBeCloseTo(Math.min(...seen), 4);
  });
});

async function lossOn(network: FittedNetwork, part: Part): Promise<number> {
  const output = await network.predict(part.inputs, part.rows);
  const losses = [...part.targets].map((target, row) => -Math.log(output[row * 2 + target] ?? 0));
  return losses.reduce((sum, loss) => sum + loss, 0) / part.rows;
}

describe('sameness', () => {
  test('the same task gives the same files, another seed does not', async () => {
    const first = await (await fit(makeTask())).exportFiles();
    expect(await (await fit(makeTask())).exportFiles()).toEqual(first);
    expect(await (await fit(makeTask({}, { seed: 8 }))).exportFiles()).not.toEqual(first);
  });

  test.each([
    ['Adam', 3],
    ['Adam', 14], // the end of an epoch: 7 steps each
    ['Momentum', 10],
    ['SGD', 10],
  ] as const)('with %s, stopping after step %i and going on changes no bit', async (type, step) => {
    const changes = {
      optimizer: { type, learningRate: 0.05 },
      earlyStopping: { metric: 'val_accuracy', patience: 9, minDelta: 0 },
    } as const;
    const whole = await fit(makeTask(changes));
    const resumed = await fit(makeTask(changes, { resumeFrom: await stateAt(step, makeTask(changes)) }));
    expect(await resumed.exportFiles()).toEqual(await whole.exportFiles());
    expect(resumed.bestEpoch).toBe(whole.bestEpoch);
  });

  test('a state that was taken after early stopping goes straight to the end', async () => {
    const state = { ...(await stateAt(7, makeTask())), stopping: { best: 0, bestEpoch: 1, waited: 3 } };
    const network = await fit(
      makeTask({ earlyStopping: { metric: 'val_loss', patience: 3, minDelta: 0 } }, { resumeFrom: state }),
    );
    expect(network.epochsRun).toBe(1);
  });
});

describe('refusals', () => {
  test('a learning rate that is far too high diverges', async () => {
    const changes = { task: 'Regression', epochs: 50, optimizer: { type: 'SGD', learningRate: 10 } } as const;
    const task = makeTask(changes, { output: { type: 'Value', deviation: 1 }, training: makePart(100, 1, true) });
    await expect(engine.fit(task)).rejects.toBeInstanceOf(DivergedError);
  });

  test('more poolings than the image can bear are refused with the number that it can', async () => {
    const changes: Partial<Builtin> = { architecture: { type: 'CNN', filters: [2, 2, 2], l2: 0 } };
    const task = makeTask(changes, { inputShape: [4, 4, 1] });
    await expect(engine.fit(task)).rejects.toThrow('can be halved 2 times');
    await expect(engine.fit(task)).rejects.toBeInstanceOf(ArchitectureError);
  });
});
