// Scene: a better model is trained and takes over while clients go on asking.

import { setTimeout as delay } from 'node:timers/promises';
import type { ModelDeploymentStatus } from '@sluice/crds/v1alpha1/model-deployment.ts';
import { type Digit, inferBody } from '../digits/dataset.ts';
import { startLoad } from '../load/run.ts';
import { type LoadAnswer, type LoadSummary, summarizeLoad } from '../load/summary.ts';
import { servingLine } from '../screen/progress-line.ts';
import { waitForServing } from '../steps/models.ts';
import { deployment } from './serve.ts';
import { type Stage, showGet } from './stage.ts';
import { type Model, train } from './train.ts';

/** Little enough for two cores that also train, enough to see a single lost request. */
export const requestsPerSecond = 50;

/** What was seen of the switch. Seconds count from the moment when the new ModelVersion was there. */
export interface Move {
  readonly model: Model;
  readonly load: LoadSummary;
  readonly secondsToSwitch: number;
  readonly secondsToSettle: number;
}

/** Trains by `examples/digits/better-training-job.yaml` and follows the ModelDeployment to the new version, under load. */
export async function moveUnderLoad(stage: Stage, url: string, digits: readonly Digit[]): Promise<Move> {
  const { screen, place } = stage;
  screen.say(`  ${requestsPerSecond} requests per second to ${url} from now on, one digit in each.`);
  const bodies = digits.map((digit) => inferBody([digit]));
  const load = startLoad(place, { url, requestsPerSecond, bodies });
  const prefix = () => `${loadLine(load.answers)}  |  `;
  const file = 'examples/digits/better-training-job.yaml';
  const model = await train(stage, { file, job: 'digits-cnn', prefix });
  const trainedAt = performance.now();
  let switchedAt: number | undefined;
  const onChange = (now: Partial<ModelDeploymentStatus>) => {
    if (now.stable?.version === model.version) switchedAt ??= performance.now();
    screen.live(`${prefix()}${servingLine(now)}`);
  };
  await waitForServing(place, { deployment, version: model.version, onChange });
  const settledAt = performance.now();
  await delay(3000);
  const answers = await load.stop();
  await showGet(stage, ['modeldeployments,modelversions']);
  return {
    model,
    load: summarizeLoad(answers),
    secondsToSwitch: ((switchedAt ?? settledAt) - trainedAt) / 1000,
    secondsToSettle: (settledAt - trainedAt) / 1000,
  };
}

/** One line about load that is running. */
export function loadLine(answers: readonly LoadAnswer[]): string {
  const { sent, lost } = summarizeLoad(answers.slice());
  const version = answers.at(-1)?.version;
  return `${sent} requests, ${lost} lost${version === undefined ? '' : `, ${version} answers`}`;
}
