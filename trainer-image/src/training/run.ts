// One attempt from the data file to the published bundle.
import type { TrainingResult } from '@sluice/crds/contract.ts';
import { splitVersion } from '@sluice/model/split.ts';
import { type CheckpointPlan, findCheckpoint, removeCheckpoints, saveCheckpoint } from '../checkpoints/store.ts';
import { type PreparedData, prepareData } from '../data/prepare.ts';
import { readTable } from '../data/read-table.ts';
import { checkUnchanged, openSource } from '../data/source-file.ts';
import type { Engine, FitState, FittedNetwork, FitWatch } from '../fitting/engine.ts';
import type { Outcome, TrainingOrder } from '../messages.ts';
import { type Channel, stepSign } from './channel.ts';
import { classifyError, NoAcceleratorError } from './failure.ts';
import { evaluateNetwork, metricsOfResult, publishBundle } from './publish.ts';
import { specDigest } from './spec-digest.ts';
import { tryStorage } from './storage.ts';

type DataRecord = NonNullable<TrainingResult['success']>['data'];

/** What a run needs from outside. `loadEngine` throws when the native binding is missing. */
export type RunSurroundings = {
  readonly order: TrainingOrder;
  readonly loadEngine: () => Engine;
  readonly channel: Channel;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  readonly log: (line: string) => void;
};

/** Runs the attempt; every error becomes a classified failure. */
export async function runTraining(surroundings: RunSurroundings): Promise<Outcome> {
  const run = new Run(surroundings);
  try {
    return await run.train();
  } catch (error) {
    if (error instanceof DrainedError) return { type: 'Drained' };
    surroundings.log(error instanceof Error ? (error.stack ?? error.message) : String(error));
    const { dataRecord } = run;
    const failure = classifyError(error);
    return { type: 'Failed', failure: dataRecord === undefined ? failure : { ...failure, data: dataRecord } };
  }
}

/** The supervisor asked to stop before the first step. */
class DrainedError extends Error {
  override readonly name = 'DrainedError';
}

class Run {
  /** Set as soon as the data was read. */
  dataRecord: DataRecord | undefined;
  readonly #surroundings: RunSurroundings;
  readonly #startedAt: number;
  readonly #milliseconds: Record<string, number> = {};

  constructor(surroundings: RunSurroundings) {
    this.#surroundings = surroundings;
    this.#startedAt = surroundings.now();
  }

  async train(): Promise<Outcome> {
    const { order, loadEngine } = this.#surroundings;
    const engine = loadEngine();
    checkAccelerator(engine, order);
    await tryStorage(order.directories.storage);
    const data = await this.#stage('ReadingData', () => this.#readData());
    const record = this.dataRecord;
    if (record === undefined) throw new Error('The data was read without leaving a record of it.');
    const origin = {
      engine: engine.identity,
      dataDigest: record.digest,
      specDigest: specDigest(order.spec),
      splitVersion,
    };
    const plan = this.#checkpointPlan(origin);
    const network = await this.#stage('Fitting', () => this.#fit(engine, { data, plan }));
    if (network === undefined) return { type: 'Drained' };
    const finished = { spec: order.spec, data, engine, origin, network };
    const evaluation = await this.#stage('Evaluating', () => evaluateNetwork(finished));
    const place = { storageDirectory: order.directories.storage, run: this.#facts(engine) };
    const bundle = await this.#stage('Publishing', () => publishBundle(finished, evaluation, place));
    await removeCheckpoints(plan);
    this.#surroundings.log(`published ${bundle.directory}, ${bundle.bytes} bytes`);
    const metrics = metricsOfResult(evaluation.metrics);
    return { type: 'Complete', success: { bundle, data: record, metrics, accelerator: engine.accelerator } };
  }

  /** Facts of this run that are no part of the model. */
  #facts(engine: Engine) {
    return {
      ownerUid: this.#surroundings.order.ownerUid,
      accelerator: engine.accelerator,
      milliseconds: { ...this.#milliseconds, total: Math.round(this.#surroundings.now() - this.#startedAt) },
    };
  }

  async #stage<T>(stage: 'ReadingData' | 'Fitting' | 'Evaluating' | 'Publishing', work: () => Promise<T>): Promise<T> {
    const { channel, now, log } = this.#surroundings;
    channel.send({ type: 'Stage', stage });
    await channel.turn();
    const from = now();
    const result = await work();
    this.#milliseconds[stage] = Math.round(now() - from);
    log(`${stage}: ${this.#milliseconds[stage]} ms`);
    return result;
  }

  async #readData(): Promise<PreparedData> {
    const { spec, directories } = this.#surroundings.order;
    const alive = async () => {
      await this.#alive();
      if (this.#surroundings.channel.draining) throw new DrainedError('There is nothing to keep yet.');
    };
    const source = await openSource(directories.data, spec.data, alive);
    const table = await readTable({
      ...spec.data,
      source,
      task: spec.trainer.builtin.task,
      features: spec.data.features,
      missing: spec.data.missing,
      alive,
    });
    await checkUnchanged(source);
    this.dataRecord = { digest: source.digest, rows: table.rows, bytes: source.bytes };
    this.#surroundings.log(
      `read ${table.rows} rows, ${table.columns.size} columns, ${source.bytes} bytes, ${source.digest}`,
    );
    const prepared = prepareData(table, spec);
    this.dataRecord = { ...this.dataRecord, testRowsInTraining: prepared.testRowsInTraining };
    return prepared;
  }

  #checkpointPlan(origin: CheckpointPlan['origin']): CheckpointPlan {
    const { spec, directories, ownerUid } = this.#surroundings.order;
    return { storageDirectory: directories.storage, ownerUid, origin, keep: spec.checkpoint.keep };
  }

  async #fit(
    engine: Engine,
    { data, plan }: { data: PreparedData; plan: CheckpointPlan },
  ): Promise<FittedNetwork | undefined> {
    const { order, log } = this.#surroundings;
    const { state, rejected } = await findCheckpoint(plan);
    for (const { directory, reason } of rejected) log(`ignored checkpoint ${directory}: ${reason}`);
    if (state !== undefined) log(`going on from step ${state.step}`);
    return engine.fit({
      builtin: order.spec.trainer.builtin,
      seed: order.spec.seed,
      inputShape: data.inputShape,
      output: data.output,
      training: data.training,
      validation: data.validation,
      resumeFrom: state,
      watch: this.#watch(plan),
    });
  }

  /** Tells of every step; writes a checkpoint when it is time, and when the supervisor wants to stop. */
  #watch(plan: CheckpointPlan): FitWatch {
    const { order, channel, now, log } = this.#surroundings;
    const { builtin } = order.spec.trainer;
    const { epochs, optimizer, task } = builtin;
    const run = { totalEpochs: epochs, learningRate: optimizer.learningRate, regression: task === 'Regression' };
    let lastSaved = now();
    const save = async (takeState: () => Promise<FitState>) => {
      const state = await takeState();
      await saveCheckpoint(plan, state);
      lastSaved = now();
      log(`checkpoint at step ${state.step}`);
    };
    return {
      alive: () => this.#alive(),
      async afterStep(progress, takeState) {
        channel.send(stepSign(progress, run));
        await channel.turn();
        const due = now() - lastSaved >= order.spec.checkpoint.everySeconds * 1000;
        if (due || channel.draining) await save(takeState);
        return channel.draining ? 'Stop' : 'Continue';
      },
    };
  }

  async #alive(): Promise<void> {
    this.#surroundings.channel.send({ type: 'Alive' });
    await this.#surroundings.channel.turn();
  }
}

/** Throws `NoAcceleratorError` when a GPU is asked for, none works, and the CPU is forbidden. */
function checkAccelerator(engine: Engine, order: TrainingOrder): void {
  const { gpu } = order.spec.resources;
  if (gpu === undefined || gpu.fallback === 'Allow' || engine.accelerator === 'GPU') return;
  throw new NoAcceleratorError(
    `The pod has ${gpu.resourceName} but TensorFlow finds no GPU: use the GPU trainer image and drivers, or set spec.resources.gpu.fallback: Allow.`,
  );
}
