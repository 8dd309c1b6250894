// A sample of npm run bench -- rollout: what a rollout costs the apiserver, also on a machine that others use.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { untilReady } from '../../bench/control-plane/operator-process.ts';
import { openPlace, type Place } from '../../bench/control-plane/place.ts';
import { namespace, rollAllOut, rollingNames, serveFirst } from '../../bench/rollout/at-once.ts';
import { allRolloutNamespaces, storeVersions } from '../../bench/rollout/objects.ts';
import { type PlayedPods, playPods, podNetworkFlag } from '../../bench/rollout/played-pods.ts';
import { Progress } from '../../cluster/progress.ts';

const count = 3;
const stepSeconds = 1;
const settleMs = 1000;
const mostWrites = 30;
const quiet = () => {};
let place: Place;
let pods: PlayedPods;

beforeAll(async () => {
  const playAll = async (apiserver: Parameters<typeof playPods>[0]) => {
    pods = await playPods(apiserver, () => true);
    return pods;
  };
  place = await openPlace(new Progress(quiet), playAll, allRolloutNamespaces);
}, 120_000);

afterAll(() => place.stop(), 30_000);

test(`${count} rollouts at once cost at most ${mostWrites} writes of the operator each`, async () => {
  await storeVersions(place.client, namespace, { models: rollingNames(count), numbers: [1, 2] });
  const operator = await place.program.start([podNetworkFlag]);
  await untilReady(operator);
  pods.begin(`127.0.0.1:${operator.xdsPort}`, place.program.hop);
  await serveFirst(place, { count, stepSeconds, report: quiet });
  const { writes, requests } = await rollAllOut(place, { count, stepSeconds, settleMs, report: quiet });
  await operator.stop();
  expect({ requests, isWithin: writes <= mostWrites * count }).toMatchObject({ isWithin: true });
}, 120_000);
