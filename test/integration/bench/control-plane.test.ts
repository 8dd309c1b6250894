// A sample of npm run bench -- control-plane: what a TrainingJob costs the apiserver, also on a machine that others use.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { untilReady } from '../../bench/control-plane/operator-process.ts';
import { openPlace, type Place } from '../../bench/control-plane/place.ts';
import { playedPods } from '../../bench/control-plane/played-pods.ts';
import { startFull, trainingCrowd } from '../../bench/control-plane/scenes.ts';
import { Progress } from '../../cluster/progress.ts';

const jobs = 20;
/**
 * The Job, the number, the version and its status, the beginning and the end; and on a slow machine that the trainer runs,
 * which is told of those that run for more than three seconds.
 */
const mostWrites = 7;
const quiet = () => {};
let place: Place;

beforeAll(async () => {
  place = await openPlace(new Progress(quiet), playedPods(500));
}, 120_000);

afterAll(() => place.stop(), 30_000);

test(`${jobs} TrainingJobs cost at most ${mostWrites} writes of the operator each, and an operator that starts anew writes nothing`, async () => {
  const operator = await place.program.start();
  await untilReady(operator);
  const crowd = await trainingCrowd(place, operator, { prefix: 'sample', count: jobs, report: quiet });
  await operator.stop();
  expect({ requests: crowd.requests, isWithin: crowd.operatorWrites <= mostWrites * jobs }).toMatchObject({
    isWithin: true,
  });
  const start = await startFull(place, jobs, []);
  expect({ requests: start.requests, writes: start.writes }).toMatchObject({ writes: 0 });
}, 120_000);
