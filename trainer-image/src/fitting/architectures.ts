// Builds the networks of `spec.trainer.builtin.architecture`. The last layer is softmax (classes) or linear (a value).
import type { LayersModel, Sequential } from '@tensorflow/tfjs';
import { ArchitectureError, type FitTask } from './engine.ts';
import { mixSeed } from './random.ts';
import type { TensorFlow } from './tensorflow.ts';

const defaultHiddenUnits: readonly number[] = [64];
const defaultFilters: readonly number[] = [16, 32];

/** What a network is built from. */
export type NetworkPlan = Pick<FitTask, 'builtin' | 'inputShape' | 'output' | 'seed'>;

/** One line for the model card, such as `MLP [64]`. */
export function describeArchitecture(architecture: NetworkPlan['builtin']['architecture']): string {
  const units = (architecture.hiddenUnits ?? defaultHiddenUnits).join(', ');
  if (architecture.type === 'MLP') return `MLP [${units}]`;
  if (architecture.type === 'CNN') {
    return `CNN filters [${(architecture.filters ?? defaultFilters).join(', ')}], dense [${units}]`;
  }
  return architecture.type;
}

/** Refuses image sizes that the pooling would reduce to nothing. Each block halves height and width. */
function checkImage(shape: readonly number[], blocks: number): void {
  const [height = 0, width = 0] = shape;
  const possible = Math.floor(Math.log2(Math.min(height, width)));
  if (shape.length !== 3 || blocks > possible) {
    throw new ArchitectureError(
      `spec.trainer.builtin.architecture.filters has ${blocks} entries; an image of shape [${shape.join(', ')}] can be halved ${Math.max(0, possible)} times: use fewer filters or larger images.`,
    );
  }
}

/** Adds layers with seeded kernels and fixed names: names are written to model.json, so a process-wide counter must not make them. */
class NetworkBuilder {
  readonly network: Sequential;
  readonly #tf: TensorFlow;
  readonly #plan: NetworkPlan;
  #layers = 0;

  constructor(tf: TensorFlow, plan: NetworkPlan) {
    this.#tf = tf;
    this.#plan = plan;
    this.network = tf.sequential({ name: 'network' });
  }

  #next(kind: string) {
    const place = this.#layers++;
    const first = place === 0 ? { inputShape: [...this.#plan.inputShape] } : {};
    return { name: `${kind}_${place + 1}`, ...first };
  }

  #kernel() {
    return this.#tf.initializers.glorotUniform({ seed: mixSeed(this.#plan.seed, this.#layers) });
  }

  dense(units: number, activation: 'relu' | 'linear'): void {
    const kernelInitializer = this.#kernel();
    this.network.add(this.#tf.layers.dense({ ...this.#next('dense'), units, activation, kernelInitializer }));
  }

  convolution(filters: number): void {
    const kernelInitializer = this.#kernel();
    const same = { kernelSize: 3, padding: 'same', activation: 'relu' } as const;
    this.network.add(this.#tf.layers.conv2d({ ...this.#next('conv'), filters, ...same, kernelInitializer }));
    this.network.add(this.#tf.layers.maxPooling2d({ ...this.#next('pool'), poolSize: 2 }));
  }

  flatten(): void {
    this.network.add(this.#tf.layers.flatten(this.#next('flatten')));
  }

  softmax(): void {
    this.network.add(this.#tf.layers.activation({ ...this.#next('softmax'), activation: 'softmax' }));
  }
}

/** Builds the network of a task; equal plans give equal weights. Throws `ArchitectureError`. */
export function buildNetwork(tf: TensorFlow, plan: NetworkPlan): Sequential {
  const { architecture } = plan.builtin;
  const builder = new NetworkBuilder(tf, plan);
  if (architecture.type === 'CNN') {
    const filters = architecture.filters ?? defaultFilters;
    checkImage(plan.inputShape, filters.length);
    for (const count of filters) builder.convolution(count);
    builder.flatten();
  }
  if (architecture.type === 'CNN' || architecture.type === 'MLP') {
    for (const units of architecture.hiddenUnits ?? defaultHiddenUnits) builder.dense(units, 'relu');
  }
  builder.dense(plan.output.type === 'Classes' ? plan.output.count : 1, 'linear');
  if (plan.output.type === 'Classes') builder.softmax();
  return builder.network;
}

/** The network's output before softmax: its gradient is exact where softmax saturates. [batch × classes], or [batch × 1]. */
export function applyUpToLogits(network: LayersModel, inputs: ReturnType<TensorFlow['tensor']>) {
  let activations = inputs;
  for (const layer of network.layers) {
    if (layer.getClassName() === 'Activation') break;
    activations = layer.apply(activations, { training: true }) as typeof inputs;
  }
  return activations;
}
