// The story of a live revision that dies in the middle of a rollout, and is mended: the files of its model are gone from the
// claim, so its pods cannot start again. Two minutes of waiting, meant to go on beside other tests.
import type { ModelDeploymentStatus } from '@sluice/crds/v1alpha1/model-deployment.ts';
import { startLoad } from '../../demo/load/run.ts';
import type { LoadAnswer } from '../../demo/load/summary.ts';
import { inClaims, openClaims } from './claims.ts';
import { demoPlace } from './demo-place.ts';
import { modelDeployment } from './manifests.ts';
import { inferUrl, pointBody, servingStatus, untilLive } from './serving.ts';
import { type Conditioned, condition, type World } from './world.ts';

const name = 'mortal';
const what = { kind: 'ModelDeployment', name, within: 150 };
/** Half of the requests, and more samples than there will be. */
const probe = { name: 'probe', weightPercent: 50, minCandidateSamples: 1_000_000, maxSeconds: 3600 };

function onTrial(version: string) {
  const resources = { cpu: '150m', memory: '256Mi' };
  const plain = modelDeployment(name, { name: 'points', version }, { resources });
  const gates = [{ name: 'errors', traffic: { metric: 'errorRate' }, max: 0.5 }];
  return { ...plain, spec: { ...plain.spec, rollout: { steps: [probe], bakeSeconds: 3 }, gates } };
}

/** Known to have this share. */
const has = ({ traffic = [] }: Partial<ModelDeploymentStatus>, version: string, percent: number) =>
  traffic.some((share) => share.version === version && share.verifiedPercent === percent);

const untilShare = (world: World, version: string, percent: number): Promise<Conditioned> =>
  world.until(what, (object) => has(servingStatus(object), version, percent));

/** The directory of a version's bundle in the claim. */
async function bundleOf(world: World, version: string): Promise<string> {
  const found = await world.find('ModelVersion', version);
  const { uri } = (found?.spec?.['bundle'] ?? {}) as { uri?: string };
  if (uri === undefined) throw new Error(`${version} has no bundle`);
  return uri.replace('pvc://', '/claims/');
}

async function removePods(world: World, revision: string | undefined): Promise<void> {
  const pods = await world.list('Pod', `sluice.dev/model-deployment=${name},sluice.dev/revision=${revision}`);
  await Promise.all(pods.map(({ metadata }) => world.remove('Pod', metadata.name, '--grace-period=1')));
}

/** What was seen. */
export type DeadLiveStory = {
  /** While the candidate stood in. */
  readonly meanwhile: Conditioned;
  /** Answers of these seconds. */
  readonly answers: readonly LoadAnswer[];
  /** From the end of the last live pod until the gateways were known to give the candidate everything. */
  readonly secondsUntilItStoodIn: number;
  /** From the moment at which the live revision was ready again. */
  readonly secondsUntilItGaveBack: number;
  /** After it gave the requests back. */
  readonly afterwards: Conditioned;
};

const secondsSince = (from: number) => (Date.now() - from) / 1000;

/** @param versions of model `points`: the one that is live and dies, and the one that is on trial. */
export async function liveRevisionDies(
  world: World,
  versions: { readonly live: string; readonly candidate: string },
): Promise<DeadLiveStory> {
  const { live, candidate } = versions;
  await Promise.all([openClaims(world, 'models'), world.apply(onTrial(live))]);
  const url = inferUrl(await untilLive(world, name, live));
  const load = startLoad(demoPlace(world), { url, requestsPerSecond: 5, bodies: [pointBody(0, 2)] });
  try {
    await world.apply(onTrial(candidate));
    await world.until(what, (object) => (servingStatus(object).rollout?.candidateSamples ?? 0) > 5);
    const { stable } = servingStatus(await untilShare(world, candidate, 50));
    const bundle = await bundleOf(world, live);
    await inClaims(world, 'mv "$0" "$0.away"', bundle);
    await removePods(world, stable?.revision);
    const diedAt = Date.now();
    await untilShare(world, candidate, 100);
    const secondsUntilItStoodIn = secondsSince(diedAt);
    const [stoodInAt, seen] = [Date.now(), load.answers.length];
    await world.eventually({ what: '20 answers' }, async () => (load.answers.length > seen + 20 ? true : undefined));
    const meanwhile = await world.until(what, (object) => condition(object, 'Available') !== undefined);
    const answers = load.answers.filter(({ at }) => at > stoodInAt);
    await inClaims(world, 'mv "$0.away" "$0"', bundle);
    await removePods(world, stable?.revision);
    await world.until(what, (object) => servingStatus(object).readyReplicas === 1);
    const backAt = Date.now();
    const afterwards = await untilShare(world, candidate, 50);
    return { meanwhile, answers, secondsUntilItStoodIn, secondsUntilItGaveBack: secondsSince(backAt), afterwards };
  } finally {
    await load.stop();
  }
}
