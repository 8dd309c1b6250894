// What breaks while a version is on trial or taken back, under constant load: live pods are gone, the apiserver is away, the
// number of pods changes. No request is lost, and every rollout comes to its end.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { ModelDeploymentStatus } from '@sluice/crds/v1alpha1/model-deployment.ts';
import type { LoadAnswer } from '../../demo/load/summary.ts';
import { startClient } from '../../demo/steps/client.ts';
import { followRollout, isRejected, type Sighting, shareOf } from '../../demo/steps/rollout.ts';
import { twoClasses } from './datasets.ts';
import { demoPlace } from './demo-place.ts';
import { startDetachedLoad } from './detached-load.ts';
import { explained } from './explain.ts';
import { dataset, modelDeployment, models, trainingJob } from './manifests.ts';
import { loseApiserver, type Outage, withoutNewPods } from './node.ts';
import { answersUnderLoad, checkLoad, inferUrl, isLive, pointBody, servingStatus, untilLive } from './serving.ts';
import { World } from './world.ts';

type Status = Partial<ModelDeploymentStatus>;

let world: World;
let url: string;
const bodies = [pointBody(0, 0), pointBody(2.5, -2.5)];

const served = { resources: { cpu: '150m', memory: '256Mi' } };
/** More samples than a test brings: a step that is left when the test says so. */
const endless = 1_000_000;
const probe = { name: 'probe', weightPercent: 50, minCandidateSamples: endless, maxSeconds: 3600 };
const errors = { name: 'errors', traffic: { metric: 'errorRate' }, max: 0.5 };
/** No model answers in a microsecond: whatever is on trial fails, and does so at the next look. */
const impossible = { name: 'latency', traffic: { metric: 'latencyMs', quantile: 0.5 }, max: 0.001 };

function onTrial(name: string, replicas: number) {
  const plain = modelDeployment(name, { name: 'points', track: 'Latest' }, { replicas, ...served });
  return { ...plain, spec: { ...plain.spec, rollout: { steps: [probe], bakeSeconds: 3 }, gates: [errors] } };
}

beforeAll(async () => {
  world = await World.open('rollout-faults');
  await world.apply(models, dataset('points', twoClasses(200)), trainingJob('first', { model: 'points' }));
  const other = onTrial('other', 1);
  await world.apply(onTrial('points', 3), {
    ...other,
    spec: { ...other.spec, model: { name: 'points', version: 'points-1' } },
  });
  const [points] = await Promise.all([
    untilLive(world, 'points', 'points-1'),
    untilLive(world, 'other', 'points-1'),
    startClient(demoPlace(world)),
  ]);
  url = inferUrl(points);
}, 240_000);

afterAll(() => world.close());

const live = (name = 'points') => world.until({ kind: 'ModelDeployment', name, within: 1 }, () => true);
const statusOf = async (name?: string) => servingStatus(await live(name));
const patch = (spec: object, name = 'points') => world.patch('ModelDeployment', name, { spec });

const follow = (until: (status: Status) => boolean, deployment = 'points', seconds = 180): Promise<Sighting[]> =>
  explained(world, { kind: 'ModelDeployment', name: deployment }, () =>
    followRollout(demoPlace(world), { deployment, until, seconds, mayStall: true }),
  );

/** After an outage scheduler and kubelet back off, too. */
const outageSettlesWithin = 300;

const shareIn = ({ traffic = [] }: Status, version: string) => traffic.find((share) => share.version === version);

/** The candidate has its share of the first step in force, and something was counted of it. */
const isProbed = ({ candidate, traffic, rollout }: Status) =>
  candidate?.version === 'points-2' &&
  shareIn({ traffic }, 'points-2')?.verifiedPercent === probe.weightPercent &&
  (rollout?.candidateSamples ?? 0) > 20;

/** Nothing is on its way, and the live revision is known to have everything. */
const isQuiet = ({ candidate, traffic }: Status) =>
  candidate === undefined && traffic?.length === 1 && traffic[0]?.verifiedPercent === 100;

const versionsIn = (answers: readonly LoadAnswer[]) =>
  [...new Set(answers.flatMap(({ version }) => version ?? []))].sort();

/** Waits until as many pods of the live revision as `spec.server.replicas` says are ready, and nothing else is left. */
const untilWhole = (replicas: number) =>
  world.until({ kind: 'ModelDeployment', name: 'points', within: 120 }, (deployment) => {
    const { readyReplicas, replicas: all, observedGeneration } = servingStatus(deployment);
    return observedGeneration === deployment.metadata.generation && readyReplicas === replicas && all === replicas;
  });

/** Gives points-2 another attempt, which is in its first step when this resolves. */
async function tryAgain(retryToken: string): Promise<void> {
  await patch({ rollout: { retryToken }, gates: [errors] });
  await follow(isProbed);
}

/** Deletes so many pods of the revision that is live. */
async function removeLivePods(count: number): Promise<void> {
  const { stable } = await statusOf();
  const pods = await world.list('Pod', `sluice.dev/model-deployment=points,sluice.dev/revision=${stable?.revision}`);
  expect(pods.length).toBeGreaterThan(count - 1);
  await Promise.all(pods.slice(0, count).map(({ metadata }) => world.remove('Pod', metadata.name)));
}

test('requests go back as fast as live pods are there, and half of them bear all', async () => {
  let byOneOfThree: Sighting[] = [];
  let byOneOfTwo: Sighting[] = [];
  const answers = await answersUnderLoad(world, { url, bodies }, async () => {
    await world.apply(trainingJob('second', { model: 'points', spec: { seed: 2 } }));
    await follow(isProbed);
    await withoutNewPods(world, async () => {
      await removeLivePods(2);
      await follow(({ readyReplicas }) => readyReplicas === 1);
      await patch({ gates: [errors, impossible] });
      // One pod of three bears two thirds; one of two bears everything.
      byOneOfThree = await follow(
        (now) => isRejected(now, 'points-2') && shareIn(now, 'points-1')?.verifiedPercent === 66,
      );
      await patch({ server: { replicas: 2 } });
      byOneOfTwo = await follow(isQuiet);
    });
    await untilWhole(2);
  });
  for (const { status } of byOneOfThree) expect(shareIn(status, 'points-1')?.wantedPercent).toBeLessThanOrEqual(66);
  for (const { status } of byOneOfTwo) expect(status.readyReplicas).toBe(1);
  expect(versionsIn(answers)).toEqual(['points-1', 'points-2']);
  expect((await statusOf()).rejected).toMatchObject([{ version: 'points-2', gate: 'latency' }]);
  expect(isLive(await live(), 'points-1')).toBe(true);
}, 240_000);

/** While the live revision has no pod that answers, nothing is counted for a step: from when until when that was seen. */
const awayTimes = (sightings: readonly Sighting[]) =>
  sightings.flatMap(({ at, status: { evidence, conditions } }, index) => {
    if (!evidence?.steps.at(-1)?.guardrailOnly) return [];
    const message = conditions?.find(({ type }) => type === 'Progressing')?.message;
    return [{ from: at, to: sightings[index + 1]?.at ?? at, message }];
  });

/**
 * What the operator counted of the candidate in the first step is what clients were answered: nothing twice, and nothing
 * lost. But of a gateway pod whose process began again while nobody could see it, what is not certain is left out: half of
 * what the candidate answered in the outage, with two pods.
 */
function expectAllEvidence(sightings: readonly Sighting[], answers: readonly LoadAnswer[], outage: Outage): void {
  const next = sightings.find(({ status }) => status.rollout?.step !== probe.name);
  const counted = next?.status.evidence?.steps.filter(
    ({ name, guardrailOnly }) => name === probe.name && !guardrailOnly,
  );
  const [first] = counted ?? [];
  if (!next || !counted || !first) throw new Error('the step after the first was not seen');
  const away = awayTimes(sightings.filter(({ at }) => at >= first.startedAt && at < next.at));
  const compared = answers.filter(({ at }) => !away.some(({ from, to }) => at >= from && at < to));
  const { byVersion } = shareOf(compared, { version: 'points-2', from: first.startedAt, to: next.at });
  const samples = counted.reduce((sum, { candidate: { requests, overloaded = 0 } }) => sum + requests - overloaded, 0);
  const uncertain = shareOf(compared, { version: 'points-2', ...outage }).byVersion / 2;
  console.log(`in the step of the outage: ${samples} samples, ${byVersion} answers`);
  for (const { from, to, message } of away)
    console.log(`not compared for ${((to - from) / 1000).toFixed(1)} s: ${message}`);
  // What was counted before each pod's first reading belongs to no step, what came after its last is not read yet; and a
  // request that was due before the step may be answered in it.
  expect(samples).toBeGreaterThan(byVersion * 0.9 - uncertain);
  expect(samples).toBeLessThan(byVersion * 1.03);
}

test('the apiserver may be away for a minute in the middle of a rollout and of a rollback', async () => {
  const outageSeconds = 60;
  const requestsPerSecond = 25;
  const otherUrl = inferUrl(await live('other'));
  await patch({ server: { replicas: 3 } });
  const place = demoPlace(world);
  const [load, otherLoad] = await Promise.all(
    [url, otherUrl].map((each) => startDetachedLoad(place, { url: each, requestsPerSecond, bodies })),
  );
  if (!load || !otherLoad) throw new Error('two loads were started');
  const retryToken = 'outage';
  await Promise.all([
    tryAgain(retryToken),
    patch({ model: { track: 'Latest', version: null } }, 'other').then(() => follow(isProbed, 'other')),
  ]);
  const outage = await withoutNewPods(world, async () => {
    await removeLivePods(2);
    await follow(({ readyReplicas }) => readyReplicas === 1);
    const { rollout } = await statusOf('other');
    const enough = (rollout?.candidateSamples ?? 0) + (outageSeconds + 10) * requestsPerSecond * 0.5;
    await patch({ rollout: { steps: [{ ...probe, minCandidateSamples: Math.round(enough) }] } }, 'other');
    await patch({ gates: [errors, impossible] });
    await follow((now) => shareIn(now, 'points-1')?.verifiedPercent === 66);
    return loseApiserver(world, outageSeconds);
  });
  const backAt = Date.now();
  const [back, forward] = await Promise.all([
    follow((now) => isRejected(now, 'points-2', retryToken) && isQuiet(now), 'points', outageSettlesWithin),
    follow(
      ({ stable, candidate }) => stable?.version === 'points-2' && candidate === undefined,
      'other',
      outageSettlesWithin,
    ),
  ]);
  await untilLive(world, 'other', 'points-2');
  await untilWhole(3);
  const answers = await load.stop();
  const otherAnswers = await otherLoad.stop();
  for (const each of [answers, otherAnswers]) {
    checkLoad(each);
    const meanwhile = each.filter(({ at }) => at > outage.from && at < outage.to);
    expect(meanwhile.length).toBeGreaterThan(0.95 * requestsPerSecond * outageSeconds);
    expect(versionsIn(meanwhile)).toEqual(['points-1', 'points-2']);
  }
  expect((await statusOf()).stable?.version).toBe('points-1');
  expectAllEvidence(forward, otherAnswers, outage);
  const after = (sightings: readonly Sighting[]) => (((sightings.at(-1)?.at ?? 0) - backAt) / 1000).toFixed(1);
  console.log(`after the outage: rolled back after ${after(back)} s, promoted after ${after(forward)} s`);
}, 600_000);

test('the number of pods may change in the middle of a rollout', async () => {
  const retryToken = 'scaled';
  await answersUnderLoad(world, { url, bodies }, async () => {
    await tryAgain(retryToken);
    const { rollout } = await statusOf();
    await patch({ server: { replicas: 4 } });
    await follow(({ rollout: now, replicas }) => now?.warmReplicas === 4 && replicas === 8);
    expect(await statusOf()).toMatchObject({ rollout: { step: 'probe', startedAt: rollout?.startedAt } });
    await patch({ server: { replicas: 2 }, rollout: { steps: [{ ...probe, minCandidateSamples: 40 }] } });
    await follow(({ stable }) => stable?.version === 'points-2');
    await untilWhole(2);
  });
  expect(isLive(await live(), 'points-2')).toBe(true);
  expect((await statusOf()).rejected).toBeUndefined();
}, 240_000);
