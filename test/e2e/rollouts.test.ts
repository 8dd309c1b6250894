// Rollouts on the real cluster, under constant load: promoted by evidence, refused before any traffic, taken back, held,
// and the operator killed in the middle. No request is lost, and nobody but the user writes spec.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { ModelDeploymentStatus } from '@sluice/crds/v1alpha1/model-deployment.ts';
import type { LoadAnswer } from '../../demo/load/summary.ts';
import { startClient } from '../../demo/steps/client.ts';
import { type Expected, surprise } from '../../demo/steps/outcome.ts';
import {
  followRollout,
  isRejected,
  milliSecondsToLastRequest,
  milliSecondsToWithdrawal,
  type Rejection,
  type Sighting,
  seenSteps,
  shareOf,
} from '../../demo/steps/rollout.ts';
import { aCurve } from './datasets.ts';
import { type DeadLiveStory, liveRevisionDies } from './dead-live-revision.ts';
import { demoPlace } from './demo-place.ts';
import { explained } from './explain.ts';
import { dataset, models, provingDeployment, quickGates, quickRollout, trainingJob } from './manifests.ts';
import { replaceOperator } from './operator.ts';
import { answersUnderLoad, inferUrl, isLive, pointBody, servingStatus, untilLive } from './serving.ts';
import { condition, World } from './world.ts';

type Status = Partial<ModelDeploymentStatus>;

let world: World;
let order: { url: string; bodies: string[] };
/** Goes on beside the tests. */
let deadLive: Promise<DeadLiveStory>;

/** Room for the slow model beside its bytes on their way into memory; not so little CPU that others starve it. */
const served = { cpu: '300m', memory: '1Gi' };
const deployment = provingDeployment('points', { name: 'points', track: 'Latest' }, { resources: served });

/** A curve needs a hidden layer. */
const curved = { architecture: { type: 'MLP', hiddenUnits: [16] }, epochs: 60, optimizer: { learningRate: 0.02 } };
/** Right, and heavy: 19 million weights, all of which each request needs. */
const heavy = {
  architecture: { type: 'MLP', hiddenUnits: [3072, 3072, 3072] },
  ...{ epochs: 4, batchSize: 32, optimizer: { learningRate: 0.001 } },
};
const shuffled = { source: { configMap: { name: 'shuffled', key: 'rows.csv' } } };

const train = (name: string, changes: Parameters<typeof trainingJob>[1]) =>
  world.apply(trainingJob(name, { model: 'points', ...changes }));

beforeAll(async () => {
  world = await World.open('rollouts');
  await world.apply(
    models,
    dataset('points', aCurve({ rows: 600 })),
    dataset('shuffled', aCurve({ rows: 600, shuffled: true })),
    dataset('holdout', aCurve({ rows: 800, from: 10_000 })),
    deployment,
  );
  await train('straight', { builtin: { epochs: 20, optimizer: { learningRate: 0.02 } } });
  const [first] = await Promise.all([untilLive(world, 'points', 'points-1'), startClient(demoPlace(world))]);
  order = { url: inferUrl(first), bodies: [pointBody(0, 2), pointBody(1.5, -0.5)] };
}, 240_000);

afterAll(() => world.close());

const live = () => world.until({ kind: 'ModelDeployment', name: 'points', within: 1 }, () => true);
const status = async () => servingStatus(await live());

const follow = (until: (status: Status) => boolean, seconds = 180): Promise<Sighting[]> =>
  explained(world, { kind: 'ModelDeployment', name: 'points' }, () =>
    followRollout(demoPlace(world), { deployment: 'points', until, seconds }),
  );

/** Nothing is on its way, and the live revision has everything. */
const isQuiet = ({ candidate, traffic }: Status) =>
  candidate === undefined && traffic?.length === 1 && traffic[0]?.verifiedPercent === 100;

const versionsIn = (answers: readonly LoadAnswer[]) => [...new Set(answers.flatMap(({ version }) => version ?? []))];

/** Changes what makes no revision, and waits until the operator has seen it: whatever it would do, it has begun to. */
async function nudge(bakeSeconds: number): Promise<Status> {
  await world.patch('ModelDeployment', 'points', { spec: { rollout: { bakeSeconds } } });
  const seen = await world.until(
    { kind: 'ModelDeployment', name: 'points' },
    (object) => servingStatus(object).observedGeneration === object.metadata.generation,
  );
  return servingStatus(seen);
}

/** Under a share p of n requests, the number differs from p·n by more than four standard deviations once in 15,000 times. */
function expectShare({ answers, byVersion }: ReturnType<typeof shareOf>, percent: number): void {
  const share = percent / 100;
  const deviation = Math.sqrt(answers * share * (1 - share));
  expect(Math.abs(byVersion - answers * share)).toBeLessThanOrEqual(4 * deviation + 1);
}

/** What became of a version is what the demo promises of its like. */
function expectEnd(
  version: string,
  expected: Expected,
  seen: { sightings: readonly Sighting[]; answers: readonly LoadAnswer[] },
) {
  const steps = seenSteps(seen.sightings, version);
  const answers = seen.answers.filter((answer) => answer.version === version).length;
  const gate = seen.sightings.at(-1)?.status.rejected?.find((each) => each.version === version)?.gate;
  expect(surprise(expected, { version, steps, answers, gate })).toBeUndefined();
}

/** From the reading that shows the failing evidence to weight 0 in Envoy, as the gateways say and as clients see it. */
function expectFastWithdrawal(rejection: Rejection | undefined, answers: readonly LoadAnswer[]): void {
  if (rejection?.evidenceAt === undefined) throw new Error('the rejection does not say when its evidence was read');
  const known = milliSecondsToWithdrawal(rejection);
  const sent = answers.filter(({ version }) => version === rejection.version).map(({ at }) => at);
  const last = Math.max(...sent) - Date.parse(rejection.evidenceAt);
  console.log(
    `rollback, from the reading that showed it: weight 0 known after ${known} ms, last request after ${last.toFixed(0)} ms;`,
    rejection.message,
  );
  expect(last).toBeLessThan(1000);
  expect(known).toBeLessThan(1000);
}

test('a better model is promoted in steps, each bought by evidence', async () => {
  const { generation } = (await live()).metadata;
  let sightings: Sighting[] = [];
  const answers = await answersUnderLoad(world, order, async () => {
    await train('curved', { builtin: curved });
    sightings = await follow(({ stable }) => stable?.version === 'points-2');
    await untilLive(world, 'points', 'points-2');
  });
  expectEnd('points-2', { end: 'promoted' }, { sightings, answers });
  const steps = seenSteps(sightings, 'points-2');
  expect(steps.map(({ step, weightPercent }) => `${step} ${weightPercent}`)).toEqual([
    'probe 20',
    'half 50',
    'bake 100',
  ]);
  for (const [index, { minCandidateSamples }] of quickRollout.steps.entries()) {
    const seen = steps[index];
    if (!seen) throw new Error(`step ${index} was not seen`);
    expect(seen.samples).toBeGreaterThanOrEqual(minCandidateSamples * 0.8);
    expectShare(shareOf(answers, { version: 'points-2', ...seen }), seen.weightPercent);
  }
  const judged = sightings.findLast(({ status: { gates } }) => (gates?.length ?? 0) === 4)?.status.gates ?? [];
  console.log(
    `promotion: ${steps.map(({ step, samples }) => `${step} after ${samples} samples`).join(', ')};`,
    judged.find(({ name }) => name === 'latency')?.message,
  );
  expect(judged.map(({ name, verdict }) => `${name} ${verdict}`).sort()).toEqual([
    'accuracy Pass',
    'errors Pass',
    'guardrail Pass',
    'latency Pass',
  ]);
  const accuracy = judged.find(({ name }) => name === 'accuracy');
  expect(accuracy?.n).toBe(800);
  expect(accuracy?.estimate).toBeGreaterThan(accuracy?.baseline ?? 1);
  for (const { status: each } of sightings) expect(JSON.stringify(each).length).toBeLessThan(65_536);
  expect(versionsIn(answers)).toEqual(['points-1', 'points-2']);
  expect((await live()).metadata.generation).toBe(generation);
  deadLive = liveRevisionDies(world, { live: 'points-1', candidate: 'points-2' });
  // Told by the test that waits for it.
  deadLive.catch(() => {});
}, 300_000);

test('a model of shuffled labels is refused before it gets a request, and is not tried again', async () => {
  let sightings: Sighting[] = [];
  const answers = await answersUnderLoad(world, order, async () => {
    await train('shuffled', { data: shuffled, builtin: curved });
    sightings = await follow((now) => isRejected(now, 'points-3') && isQuiet(now));
    await world.apply(deployment);
    await replaceOperator(world);
    expect((await nudge(4)).candidate).toBeUndefined();
  });
  expectEnd('points-3', { end: 'refused', gate: 'accuracy' }, { sightings, answers });
  expect(versionsIn(answers)).toEqual(['points-2']);
  const refused = await live();
  const [rejection] = servingStatus(refused).rejected ?? [];
  expect(rejection).toMatchObject({ version: 'points-3', gate: 'accuracy', retryToken: '' });
  expect(rejection?.message).toMatch(/0\.65|65 %/);
  expect(condition(refused, 'CandidateRejected')?.status).toBe('True');
  expect(condition(refused, 'Ready')).toMatchObject({ status: 'True' });
  expect(isLive(refused, 'points-2')).toBe(true);
}, 300_000);

test('a new retryToken gives a refused model exactly one attempt', async () => {
  await world.patch('ModelDeployment', 'points', { spec: { rollout: { retryToken: 'again' } } });
  const sightings = await follow((now) => isRejected(now, 'points-3', 'again') && isQuiet(now));
  expect(sightings.some(({ status: { candidate } }) => candidate?.version === 'points-3')).toBe(true);
  const before = (await status()).rejected;
  expect((await nudge(3)).candidate).toBeUndefined();
  await replaceOperator(world);
  expect((await nudge(5)).candidate).toBeUndefined();
  expect((await status()).rejected).toEqual(before);
}, 240_000);

test('a model that is right and too slow is taken back in its first step', async () => {
  let sightings: Sighting[] = [];
  const answers = await answersUnderLoad(world, order, async () => {
    await train('heavy', { builtin: heavy, spec: { resources: { cpu: '300m', memory: '4Gi' } } });
    sightings = await follow((now) => isRejected(now, 'points-4', 'again'), 400);
    await follow(isQuiet);
  });
  const rejection = (await status()).rejected?.find(({ version }) => version === 'points-4');
  expectEnd('points-4', { end: 'taken back', gate: 'latency', step: 'probe' }, { sightings, answers });
  const gates = sightings.findLast(({ status: each }) => each.candidate?.version === 'points-4')?.status.gates ?? [];
  expect(gates.find(({ name }) => name === 'accuracy')?.verdict).toBe('Pass');
  expect(versionsIn(answers).sort()).toEqual(['points-2', 'points-4']);
  const took = milliSecondsToLastRequest(sightings, answers, { version: 'points-4', retryToken: 'again' });
  console.log(`the last request to the candidate came ${took.toFixed(0)} ms after the decision was seen`);
  expectFastWithdrawal(rejection, answers);
}, 600_000);

test('the operator may be killed in the middle of a rollback', async () => {
  const retryToken = 'mid-rollback';
  const answers = await answersUnderLoad(world, order, async () => {
    await world.patch('ModelDeployment', 'points', { spec: { rollout: { retryToken } } });
    await follow((now) => isRejected(now, 'points-4', retryToken));
    await replaceOperator(world);
    await follow((now) => ['points-3', 'points-4'].every((each) => isRejected(now, each, retryToken)) && isQuiet(now));
  });
  expect(versionsIn(answers).sort()).toEqual(['points-2', 'points-4']);
  expect(isLive(await live(), 'points-2')).toBe(true);
}, 400_000);

test('the operator may be killed in the middle of a rollout', async () => {
  // An operator that starts beside it makes a model slow: whether it is fast was judged above.
  const gates = quickGates.filter(({ name }) => name !== 'latency');
  const answers = await answersUnderLoad(world, order, async () => {
    await world.patch('ModelDeployment', 'points', { spec: { gates } });
    await train('curved-again', { builtin: curved, spec: { seed: 3 } });
    await follow((now) => now.candidate?.version === 'points-5' && now.rollout?.step === 'probe');
    await replaceOperator(world);
    await untilLive(world, 'points', 'points-5');
  });
  expect(versionsIn(answers)).toEqual(['points-2', 'points-5']);
  expect((await status()).rejected?.some(({ version }) => version === 'points-5') ?? false).toBe(false);
}, 300_000);

test('a paused rollout stays, one without requests is held, and requests bring it on', async () => {
  const steps = [{ name: 'probe', weightPercent: 20, minCandidateSamples: 40, maxSeconds: 4 }];
  await world.patch('ModelDeployment', 'points', { spec: { rollout: { paused: true } } });
  await train('curved-still', { builtin: curved, spec: { seed: 4 } });
  const paused = await world.untilCondition(
    { kind: 'ModelDeployment', name: 'points', within: 120 },
    { type: 'Ready', status: 'Unknown', reason: 'Paused' },
  );
  expect(servingStatus(paused)).toMatchObject({ stable: { version: 'points-5' }, candidate: { version: 'points-6' } });
  await world.patch('ModelDeployment', 'points', { spec: { rollout: { paused: false, steps } } });
  const held = await world.untilCondition(
    { kind: 'ModelDeployment', name: 'points', within: 120 },
    { type: 'Ready', status: 'Unknown', reason: 'Held' },
  );
  expect(servingStatus(held).rollout).toMatchObject({ step: 'probe', weightPercent: 20 });
  expect(condition(held, 'Available')?.status).toBe('True');
  const answers = await answersUnderLoad(world, order, () => untilLive(world, 'points', 'points-6'));
  expect(versionsIn(answers).sort()).toEqual(['points-5', 'points-6']);
}, 400_000);

test('a candidate stands in for a live revision whose pods cannot start again, is not promoted, and gives the requests back', async () => {
  const { meanwhile, answers, secondsUntilItStoodIn, secondsUntilItGaveBack, afterwards } = await deadLive;
  console.log(
    `stood in after ${secondsUntilItStoodIn.toFixed(1)} s, gave back after ${secondsUntilItGaveBack.toFixed(1)} s`,
  );
  expect(secondsUntilItStoodIn).toBeGreaterThan(28);
  expect(servingStatus(meanwhile)).toMatchObject({
    ...{ stable: { version: 'points-1' }, candidate: { version: 'points-2' } },
    rollout: { step: 'probe', standIn: { stepPercent: 50, times: 1 } },
  });
  expect(condition(meanwhile, 'Available')).toMatchObject({ status: 'True', reason: 'CandidateStandsIn' });
  expect(condition(meanwhile, 'Ready')).toMatchObject({ status: 'Unknown', reason: 'CandidateStandsIn' });
  expect(condition(meanwhile, 'Ready')?.message).toMatch(/^points-2 answers for points-1, unproven; points-1: /);
  expect(answers.length).toBeGreaterThan(10);
  expect([...new Set(answers.map(({ status, version }) => `${status} ${version}`))]).toEqual(['200 points-2']);
  expect(secondsUntilItGaveBack).toBeGreaterThan(50);
  expect(servingStatus(afterwards)).toMatchObject({
    ...{ stable: { version: 'points-1' }, candidate: { version: 'points-2' }, rollout: { step: 'probe' } },
  });
  expect(servingStatus(afterwards).rejected).toBeUndefined();
}, 300_000);

test('nobody but the user ever wrote spec', async () => {
  const text = await world.kubectl([
    ...['--namespace', world.namespace, 'get', 'modeldeployment', 'points'],
    ...['--output=json', '--show-managed-fields'],
  ]);
  const { metadata } = JSON.parse(text) as {
    metadata: { managedFields: { manager: string; subresource?: string; fieldsV1: Record<string, unknown> }[] };
  };
  const writers = metadata.managedFields.filter(({ fieldsV1 }) => 'f:spec' in fieldsV1).map(({ manager }) => manager);
  expect(writers.length).toBeGreaterThan(0);
  for (const manager of writers) expect(manager).toMatch(/^kubectl/);
  const others = metadata.managedFields.filter(({ manager }) => !manager.startsWith('kubectl'));
  expect(others.map(({ subresource }) => subresource)).toContain('status');
});
