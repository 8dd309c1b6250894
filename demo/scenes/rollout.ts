// Scene: versions that must prove themselves under load. A better one goes all the way in steps, one that learned nothing
// gets no request, one that is too slow is taken back.
import type { ModelDeploymentStatus } from '@sluice/crds/v1alpha1/model-deployment.ts';
import { type Digit, inferBody } from '../digits/dataset.ts';
import { type Load, startLoad } from '../load/run.ts';
import { type LoadSummary, summarizeLoad } from '../load/summary.ts';
import { rolloutLine } from '../screen/progress-line.ts';
import { waitForServing } from '../steps/models.ts';
import { type Expected, surprise } from '../steps/outcome.ts';
import {
  followRollout,
  isRejected,
  milliSecondsToLastRequest,
  milliSecondsToWithdrawal,
  type Rejection,
  type SeenStep,
  type Sighting,
  seenSteps,
} from '../steps/rollout.ts';
import { loadLine, requestsPerSecond } from './move.ts';
import { deployment } from './serve.ts';
import { type Stage, showApply, showGet } from './stage.ts';
import { type Model, train } from './train.ts';

/** More than steps and evaluations take, and Kubernetes on a busy node. */
const patienceSeconds = 300;

/** What became of one candidate. */
export interface Trial {
  readonly model: Model;
  /** Steps in which it had its share of the requests. */
  readonly steps: readonly SeenStep[];
  readonly answers: number;
  readonly refusal?: Refusal | undefined;
  /** What went otherwise than expected. */
  readonly surprise: string | undefined;
}

/** Who refused a candidate, and how fast its requests went back. */
export interface Refusal {
  readonly gate: string;
  readonly message: string;
  /** Milliseconds from the decision to the last request that it got; absent when it got none. */
  readonly lastRequestAfter: number | undefined;
  /** Milliseconds from the reading that showed the evidence to the one that showed weight 0 in every gateway pod. */
  readonly withdrawnAfter: number | undefined;
}

/** What became of all, and of the requests meanwhile. */
export interface Rollouts {
  readonly trials: readonly Trial[];
  readonly load: LoadSummary;
}

type Candidate = { readonly file: string; readonly job: string; readonly expected: Expected };
type Status = Partial<ModelDeploymentStatus>;
type Tried = {
  readonly expected: Expected;
  readonly model: Model;
  readonly sightings: readonly Sighting[];
  readonly rejection: Rejection | undefined;
};

/** Candidates in their order. What becomes of each is decided by the gates alone; the demo fails when it is something else. */
const candidates: readonly Candidate[] = [
  { file: 'examples/rollout/best-training-job.yaml', job: 'digits-best', expected: { end: 'promoted' } },
  {
    file: 'examples/rollout/shuffled-training-job.yaml',
    job: 'digits-shuffled',
    expected: { end: 'refused', gate: 'accuracy' },
  },
  {
    file: 'examples/rollout/slow-training-job.yaml',
    job: 'digits-slow',
    expected: { end: 'taken back', gate: 'latency', step: 'probe' },
  },
];

/** Gives the deployment its steps and gates, then trains one candidate after the other and follows what becomes of it. */
export async function rollOut(stage: Stage, url: string, digits: readonly Digit[]): Promise<Rollouts> {
  const { screen, place } = stage;
  await showApply(stage, 'examples/rollout/model-deployment.yaml');
  screen.say(`  ${requestsPerSecond} requests per second from now on, one digit in each.`);
  const load = startLoad(place, { url, requestsPerSecond, bodies: digits.map((digit) => inferBody([digit])) });
  const tried: Tried[] = [];
  for (const candidate of candidates) tried.push(await tryOut(stage, candidate, load));
  const answers = await load.stop();
  await showGet(stage, ['modeldeployments,modelversions']);
  return { trials: tried.map((each) => trialOf(each, answers)), load: summarizeLoad(answers) };
}

const isDecided = (status: Status, version: string) =>
  isRejected(status, version) || (status.stable?.version === version && status.candidate === undefined);

async function tryOut(stage: Stage, { file, job, expected }: Candidate, load: Load): Promise<Tried> {
  const { screen, place } = stage;
  const prefix = () => `${loadLine(load.answers)}  |  `;
  const model = await train(stage, { file, job, prefix });
  const { version } = model;
  const onChange = (now: Status) => screen.live(`${prefix()}${rolloutLine(now)}`);
  const until = (now: Status) => isDecided(now, version);
  const sightings = await followRollout(place, { deployment, until, seconds: patienceSeconds, onChange });
  const last = sightings.at(-1)?.status ?? {};
  const settled = await waitForServing(place, { deployment, version: last.stable?.version ?? version, onChange });
  screen.say(...verdictLines(sightings, version));
  return { expected, model, sightings, rejection: settled.rejected?.find((each) => each.version === version) };
}

/** What the gates said, as the object has it. */
function verdictLines(sightings: readonly Sighting[], version: string): string[] {
  const judged = sightings.findLast(({ status }) => (status.gates?.length ?? 0) > 0)?.status.gates ?? [];
  const refusal = sightings.at(-1)?.status.rejected?.find((each) => each.version === version);
  return [
    ...judged.map(({ name, verdict, message }) => `  ${name.padEnd(10)} ${verdict}: ${message}`),
    refusal ? `  ${version} was refused. ${refusal.message}` : `  ${version} has all requests.`,
  ];
}

function trialOf({ expected, model, sightings, rejection }: Tried, answers: Load['answers']): Trial {
  const { version } = model;
  const own = answers.filter((answer) => answer.version === version).length;
  const steps = seenSteps(sightings, version);
  const lastRequestAfter = own === 0 ? undefined : milliSecondsToLastRequest(sightings, answers, { version });
  return {
    model,
    steps,
    answers: own,
    surprise: surprise(expected, { version, steps, answers: own, gate: rejection?.gate }),
    refusal: rejection && {
      gate: rejection.gate,
      message: rejection.message,
      lastRequestAfter,
      withdrawnAfter: milliSecondsToWithdrawal(rejection),
    },
  };
}
