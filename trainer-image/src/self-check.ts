// Proves where it runs that a model does not depend on interruptions: trains once in one go and once stopped in the middle
// and resumed in a new process, and compares the bundles bit for bit. `node self-check.mjs`; exit code 0 when they are equal.
import { fork } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { trainingJobSpecSchema } from '@sluice/crds/v1alpha1/training-job.ts';
import { makeRandom } from './fitting/random.ts';
import { determinismEnvironment } from './fitting/tensorflow.ts';
import type { Command, Directories, Outcome, Sign } from './messages.ts';
import { threadsOf } from './training/threads.ts';

const trainPath = fileURLToPath(new URL('train.mjs', import.meta.url));
const stopAtStep = 100;
const optimizers = ['Adam', 'Momentum', 'SGD'] as const;
type OptimizerType = (typeof optimizers)[number];

/** Two classes that two of the four columns tell apart, with noise. */
function makeData(rows: number): string {
  const random = makeRandom(1);
  const lines = Array.from({ length: rows }, () => {
    const [a, b, c, d] = [random(), random(), random(), random()];
    return [a, b, c, d, a + b + 0.4 * (c - 0.5) > 1 ? 'high' : 'low'].join(',');
  });
  return ['a,b,c,d,level', ...lines, ''].join('\n');
}

function makeSpec(type: OptimizerType) {
  return trainingJobSpecSchema.parse({
    modelName: 'check',
    data: {
      source: { persistentVolumeClaim: { claimName: 'data', path: 'data.csv' } },
      format: 'CSV',
      target: 'level',
    },
    trainer: {
      builtin: {
        task: 'Classification',
        architecture: { type: 'MLP', hiddenUnits: [16] },
        epochs: 6,
        optimizer: { type, learningRate: 0.01 },
        earlyStopping: { patience: 3 },
      },
    },
    storage: { persistentVolumeClaim: { claimName: 'models' } },
  });
}

type Attempt = {
  readonly type: OptimizerType;
  readonly directories: Directories;
  readonly stopAtStep: number | undefined;
};

/** How an attempt ended, and the first step that it told of. */
type Ended = { readonly outcome: Outcome; readonly firstStep: number };

/** One attempt in a process of its own; with `stopAtStep` it is told to drain there. */
function runAttempt({ type, directories, stopAtStep }: Attempt): Promise<Ended> {
  const spec = makeSpec(type);
  const child = fork(trainPath, {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: { ...process.env, NODE_NO_WARNINGS: '1', ...determinismEnvironment(threadsOf(spec.resources.cpu)) },
  });
  const send = (command: Command) => child.send(command);
  let firstStep = Number.POSITIVE_INFINITY;
  return new Promise((resolve, reject) => {
    child.on('message', (sign: Sign) => {
      if (sign.type === 'Ended') resolve({ outcome: sign.outcome, firstStep });
      if (sign.type === 'Step') firstStep = Math.min(firstStep, sign.step);
      if (sign.type === 'Step' && stopAtStep !== undefined && sign.step >= stopAtStep) send({ type: 'Drain' });
    });
    child.on('exit', (code, signal) => reject(new Error(`The training process ended with ${signal ?? code}.`)));
    send({ type: 'Train', order: { spec, ownerUid: 'check', directories } });
  });
}

/** Digest of the bundle; throws when the attempt did not complete. */
function digestOf({ outcome }: Ended): string {
  if (outcome.type !== 'Complete') throw new Error(`The attempt should have completed: ${JSON.stringify(outcome)}`);
  return outcome.success.bundle.digest;
}

async function checkOptimizer(type: OptimizerType, home: string): Promise<boolean> {
  const directoriesOf = async (name: string): Promise<Directories> => {
    const storage = join(home, type, name);
    await mkdir(storage, { recursive: true });
    return { data: home, storage };
  };
  const whole = { type, directories: await directoriesOf('whole'), stopAtStep: undefined };
  const parted = { type, directories: await directoriesOf('parted'), stopAtStep: undefined };
  const expected = digestOf(await runAttempt(whole));
  const stopped = await runAttempt({ ...parted, stopAtStep });
  if (stopped.outcome.type !== 'Drained') throw new Error(`It should have drained: ${JSON.stringify(stopped.outcome)}`);
  const resumed = await runAttempt(parted);
  // Without this, an attempt that ignored its checkpoint and began again would pass.
  if (resumed.firstStep <= stopAtStep) throw new Error(`It began again at step ${resumed.firstStep}.`);
  const identical = expected === digestOf(resumed);
  console.log(JSON.stringify({ optimizer: type, whole: expected, resumed: digestOf(resumed), identical }));
  return identical;
}

const home = await mkdtemp(join(tmpdir(), 'self-check-'));
try {
  await writeFile(join(home, 'data.csv'), makeData(2000));
  for (const type of optimizers) {
    if (!(await checkOptimizer(type, home))) process.exitCode = 1;
  }
} finally {
  await rm(home, { recursive: true, force: true });
}
