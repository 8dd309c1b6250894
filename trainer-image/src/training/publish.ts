// Evaluates the fitted network on the test part and writes the bundle.
import type { TrainingResult } from '@sluice/crds/contract.ts';
import { type Metric, metricNames } from '@sluice/crds/fragments.ts';
import type { TrainingJobSpec } from '@sluice/crds/v1alpha1/training-job.ts';
import { writeBundle } from '@sluice/model/bundle-files.ts';
import { cardFile, modelCard } from '@sluice/model/card.ts';
import { canonicalBytes } from '@sluice/model/digest.ts';
import type { BundleMetric, ManifestContent } from '@sluice/model/manifest.ts';
import { type Evaluation, evaluate } from '@sluice/model/metrics.ts';
import { reportFile } from '@sluice/model/report.ts';
import { inputSignature, outputSignature } from '@sluice/model/signature.ts';
import { splitVersion } from '@sluice/model/split.ts';
import type { Origin } from '../checkpoints/state-file.ts';
import type { PreparedData } from '../data/prepare.ts';
import { describeArchitecture } from '../fitting/architectures.ts';
import { DivergedError, type Engine, type FittedNetwork } from '../fitting/engine.ts';

type Success = NonNullable<TrainingResult['success']>;

/** A fitted network with all that it came from. */
export type Finished = {
  readonly spec: TrainingJobSpec;
  readonly data: PreparedData;
  readonly engine: Engine;
  readonly origin: Origin;
  readonly network: FittedNetwork;
};

/** Measures the network on rows that it has never seen. Throws `DivergedError` when its output is not finite. */
export async function evaluateNetwork({ data, network }: Finished): Promise<Evaluation> {
  const output = await network.predict(data.test.inputs, data.test.rows);
  if (!output.every(Number.isFinite)) {
    throw new DivergedError(
      'The network answers with numbers that are not finite: lower spec.trainer.builtin.optimizer.learningRate.',
    );
  }
  const { target, baseline, testTarget } = data;
  return evaluate({ target, baseline, actual: testTarget, output, split: 'test' });
}

/** Writes the bundle below the storage directory; `run` holds what differs between equal runs. */
export async function publishBundle(
  finished: Finished,
  evaluation: Evaluation,
  place: { readonly storageDirectory: string; readonly run: unknown },
): Promise<Success['bundle']> {
  const manifest = describeBundle(finished, evaluation);
  const files = await finished.network.exportFiles();
  files.set(reportFile, canonicalBytes(evaluation.report));
  files.set(cardFile, Buffer.from(modelCard(manifest)));
  const { digest, directory, bytes } = await writeBundle({ ...place, files, manifest });
  return { digest, specDigest: manifest.specDigest, directory, bytes, format: manifest.format };
}

function describeBundle({ spec, data, engine, origin, network }: Finished, evaluation: Evaluation): ManifestContent {
  const { builtin } = spec.trainer;
  const rows = { training: data.training.rows, validation: data.validation.rows, test: data.test.rows };
  return {
    schema: 'sluice.dev/bundle/v1',
    format: engine.format,
    task: builtin.task,
    framework: engine.framework,
    seed: spec.seed,
    specDigest: origin.specDigest,
    data: { digest: origin.dataDigest, rows, splitVersion, testRowsInTraining: data.testRowsInTraining },
    signature: { inputs: inputSignature(data.features), outputs: outputSignature(data.target) },
    inputShape: data.inputShape,
    features: data.features,
    target: data.target,
    profile: data.profile,
    metrics: evaluation.metrics,
    card: {
      architecture: describeArchitecture(builtin.architecture),
      parameters: network.parameters,
      epochsRun: network.epochsRun,
      bestEpoch: network.bestEpoch,
    },
  };
}

const significantDigits = 6;

/** The metrics as the status carries them: known names, at most 16, rounded so that they fit the termination message. */
export function metricsOfResult(metrics: readonly BundleMetric[]): Success['metrics'] {
  return metrics
    .flatMap(({ name, split, value, lower, upper, noInterval, n }) => {
      const known = metricNames.find((candidate) => candidate === name);
      const bounds =
        lower === undefined || upper === undefined ? { noInterval } : { lower: round(lower), upper: round(upper) };
      return known === undefined ? [] : [{ name: known, split, value: round(value), ...bounds, n }];
    })
    .slice(0, 16) satisfies Metric[];
}

function round(value: number): number {
  return Number(value.toPrecision(significantDigits));
}
