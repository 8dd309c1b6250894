// Fits with TensorFlow.js op by op, in a loop of our own: class weights, progress per step and bit-identical resume need it.
import type { LayersModel, Optimizer, Sequential, Tensor, Tensor1D, Variable } from '@tensorflow/tfjs';
import { applyUpToLogits, buildNetwork } from './architectures.ts';
import { type BatchTensors, consecutiveRows, gatherBatch } from './batch-tensors.ts';
import { type EarlyStoppingState, hasStopped, judgeEpoch, noEpochYet } from './early-stopping.ts';
import {
  DivergedError,
  type Engine,
  type EpochMetrics,
  type EpochSums,
  type FitState,
  type FitTask,
  type FittedNetwork,
  type NamedArray,
} from './engine.ts';
import { exportNetwork } from './layers-format.ts';
import { qualitySum, rowLosses, weightedMean, weightPenalty, weightsOfClasses } from './objective.ts';
import { makeOptimizer, restoreOptimizerState, takeOptimizerState } from './optimizers.ts';
import { epochOrder } from './random.ts';
import { restoreWeights, takeWeights } from './tensor-arrays.ts';
import type { NativeTensorFlow, TensorFlow } from './tensorflow.ts';

/** Rows per call when nothing is learnt. Fixed, so that results do not depend on `batchSize`. */
const predictionRows = 512;

/** Layout of a state's tensors and order of all arithmetic; a change here must change it. */
const layout = 'eager-1';

/** The engine over a TensorFlow.js that was loaded natively (or, in tests, any other). */
export function makeEagerEngine({ tf, usesGpu }: NativeTensorFlow): Engine {
  const version = tf.version.tfjs;
  const backend = tf.getBackend();
  return {
    identity: `${layout} ${version} ${backend}`,
    format: 'TFJSLayers',
    framework: { name: 'TensorFlow.js', version, backend },
    accelerator: usesGpu ? 'GPU' : 'CPU',
    fit: async (task) => new Fit(tf, task).run(),
  };
}

const emptySums = (): EpochSums => ({ loss: 0, quality: 0, rows: 0 });

function meansOf(sums: EpochSums): { loss: number; quality: number } {
  return { loss: sums.loss / sums.rows, quality: sums.quality / sums.rows };
}

/** One fit in progress: network, optimiser and position. */
class Fit {
  readonly #tf: TensorFlow;
  readonly #task: FitTask;
  readonly #network: Sequential;
  readonly #variables: Variable[];
  readonly #kernels: Variable[];
  readonly #optimizer: Optimizer;
  readonly #classWeights: Tensor1D | undefined;
  readonly #stepsPerEpoch: number;
  #step = 0;
  #sums = emptySums();
  #stopping: EarlyStoppingState = noEpochYet;
  #best: NamedArray[] = [];
  #metrics: EpochMetrics | undefined;

  constructor(tf: TensorFlow, task: FitTask) {
    this.#tf = tf;
    this.#task = task;
    this.#network = buildNetwork(tf, task);
    this.#variables = this.#network.trainableWeights.map((weight) => weight.read() as Variable);
    this.#kernels = this.#variables.filter((variable) => variable.shape.length > 1);
    this.#optimizer = makeOptimizer(tf, task.builtin.optimizer);
    const weights = weightsOfClasses(task);
    this.#classWeights = weights === undefined ? undefined : tf.tensor1d(weights);
    this.#stepsPerEpoch = Math.ceil(task.training.rows / task.builtin.batchSize);
  }

  get #totalSteps(): number {
    return this.#stepsPerEpoch * this.#task.builtin.epochs;
  }

  async run(): Promise<FittedNetwork | undefined> {
    await this.#resume();
    let order: Int32Array = new Int32Array();
    let orderedEpoch = -1;
    while (this.#step < this.#totalSteps && !hasStopped(this.#task.builtin.earlyStopping, this.#stopping)) {
      const epoch = Math.floor(this.#step / this.#stepsPerEpoch);
      if (epoch !== orderedEpoch) order = epochOrder(this.#task.training.rows, this.#task.seed, epoch);
      orderedEpoch = epoch;
      this.#learnBatch(order);
      if (this.#step % this.#stepsPerEpoch === 0) await this.#endEpoch(epoch + 1);
      const answer = await this.#task.watch.afterStep(this.#progress(), () => this.#takeState());
      if (answer === 'Stop') return undefined;
    }
    if (this.#best.length > 0) restoreWeights(this.#tf, this.#network, this.#best);
    return this.#fitted();
  }

  #progress() {
    const epoch = Math.floor(this.#step / this.#stepsPerEpoch);
    return { step: this.#step, totalSteps: this.#totalSteps, epoch, metrics: this.#metrics };
  }

  /** One step of the optimiser; adds the batch to the epoch's sums. Throws `DivergedError`. */
  #learnBatch(order: Int32Array): void {
    const { batchSize } = this.#task.builtin;
    const first = (this.#step % this.#stepsPerEpoch) * batchSize;
    const rows = order.subarray(first, first + batchSize);
    this.#tf.tidy(() => {
      const batch = gatherBatch(this.#tf, this.#task.training, { rows, inputShape: this.#task.inputShape });
      const { loss, quality } = this.#descend(batch);
      this.#step += 1;
      this.#addToSums(this.#sums, { loss, quality, rows: rows.length });
    });
  }

  #descend(batch: BatchTensors): { loss: number; quality: number } {
    const tf = this.#tf;
    const seen: { logits?: Tensor; loss?: Tensor } = {};
    const { grads } = tf.variableGrads(() => {
      const logits = tf.keep(applyUpToLogits(this.#network, batch.inputs));
      const losses = rowLosses(tf, this.#task.output, { logits, targets: batch.targets });
      const loss = tf.keep(weightedMean(tf, losses, { targets: batch.targets, classes: this.#classWeights }));
      Object.assign(seen, { logits, loss });
      const { l2 } = this.#task.builtin.architecture;
      return l2 === 0 ? loss.clone() : tf.add(loss, weightPenalty(tf, this.#kernels, l2));
    }, this.#variables);
    this.#optimizer.applyGradients(grads);
    return this.#measureAndDispose(seen, batch.targets);
  }

  #measureAndDispose(seen: { logits?: Tensor; loss?: Tensor }, targets: Tensor1D): { loss: number; quality: number } {
    const { logits, loss } = seen;
    if (logits === undefined || loss === undefined) throw new Error('The gradient was taken without a forward pass.');
    const mean = loss.dataSync()[0] ?? Number.NaN;
    const quality = qualitySum(this.#tf, this.#task.output, { logits, targets }).dataSync()[0] ?? Number.NaN;
    logits.dispose();
    loss.dispose();
    return { loss: mean * targets.size, quality };
  }

  #addToSums(sums: EpochSums, batch: EpochSums): void {
    sums.loss += batch.loss;
    sums.quality += batch.quality;
    sums.rows += batch.rows;
    if (Number.isFinite(batch.loss) && Number.isFinite(batch.quality)) return;
    throw new DivergedError(
      `The loss is no longer a finite number at step ${this.#step} of ${this.#totalSteps}: lower spec.trainer.builtin.optimizer.learningRate (now ${this.#task.builtin.optimizer.learningRate}) or scale the data.`,
    );
  }

  async #endEpoch(epoch: number): Promise<void> {
    const { validation, builtin } = this.#task;
    const training = meansOf(this.#sums);
    this.#metrics = validation.rows === 0 ? training : { ...training, validation: await this.#validate() };
    this.#sums = emptySums();
    const judged = judgeEpoch(builtin.earlyStopping, this.#stopping, { epoch, metrics: this.#metrics });
    this.#stopping = judged.state;
    if (judged.improved && builtin.earlyStopping !== undefined) this.#best = await takeWeights(this.#network, 'best');
  }

  /** Loss (unweighted, without penalty) and quality on the validation part. */
  async #validate(): Promise<{ loss: number; quality: number }> {
    const tf = this.#tf;
    const { validation, inputShape, output, watch } = this.#task;
    const sums = emptySums();
    for (let from = 0; from < validation.rows; from += predictionRows) {
      tf.tidy(() => {
        const rows = consecutiveRows(from, predictionRows, validation.rows);
        const { inputs, targets } = gatherBatch(tf, validation, { rows, inputShape });
        const logits = applyUpToLogits(this.#network, inputs);
        const loss = tf.sum(rowLosses(tf, output, { logits, targets })).dataSync()[0] ?? Number.NaN;
        const quality = qualitySum(tf, output, { logits, targets }).dataSync()[0] ?? Number.NaN;
        this.#addToSums(sums, { loss, quality, rows: rows.length });
      });
      await watch.alive();
    }
    return meansOf(sums);
  }

  async #takeState(): Promise<FitState> {
    const tensors = [
      ...(await takeWeights(this.#network, 'weight')),
      ...this.#best,
      ...(await takeOptimizerState(this.#optimizer)),
    ];
    return { step: this.#step, sums: { ...this.#sums }, stopping: this.#stopping, tensors };
  }

  async #resume(): Promise<void> {
    const state = this.#task.resumeFrom;
    if (state === undefined) return;
    const group = (name: string) => state.tensors.filter((tensor) => tensor.name.startsWith(`${name}/`));
    restoreWeights(this.#tf, this.#network, group('weight'));
    await restoreOptimizerState(this.#tf, this.#optimizer, group('optimizer'));
    this.#best = group('best');
    this.#step = state.step;
    this.#sums = { ...state.sums };
    this.#stopping = state.stopping;
  }

  #fitted(): FittedNetwork {
    return {
      parameters: this.#network.countParams(),
      epochsRun: Math.ceil(this.#step / this.#stepsPerEpoch),
      bestEpoch: this.#stopping.bestEpoch,
      predict: (inputs, rows) => predict(this.#tf, this.#network, { inputs, rows, task: this.#task }),
      exportFiles: () => exportNetwork(this.#tf, this.#network),
    };
  }
}

type Prediction = { readonly inputs: Float32Array; readonly rows: number; readonly task: FitTask };

async function predict(
  tf: TensorFlow,
  network: LayersModel,
  { inputs, rows, task }: Prediction,
): Promise<Float32Array> {
  const width = inputs.length / rows;
  const pieces: Float32Array[] = [];
  for (let from = 0; from < rows; from += predictionRows) {
    const count = Math.min(predictionRows, rows - from);
    const piece = tf.tidy(() => {
      const values = inputs.subarray(from * width, (from + count) * width);
      const output = network.apply(tf.tensor(values, [count, ...task.inputShape])) as Tensor;
      return output.dataSync<'float32'>().slice();
    });
    pieces.push(piece);
    await task.watch.alive();
  }
  return concatenate(pieces);
}

function concatenate(pieces: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let place = 0;
  for (const piece of pieces) {
    whole.set(piece, place);
    place += piece.length;
  }
  return whole;
}
