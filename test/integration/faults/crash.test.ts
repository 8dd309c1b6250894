// A sample of `npm run faults`: the operator is killed at a few writes of each scenario, and the end is what it would be.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Campaign, runCampaign } from '../../faults/campaign/campaign.ts';
import { crashes } from '../../faults/campaign/campaigns.ts';
import { crashAt, crashPoints } from '../../faults/campaign/crash.ts';
import { buildOperator } from '../../faults/campaign/operator-process.ts';
import { spread } from '../../faults/campaign/sample.ts';
import { openWorld, type World } from '../../faults/world/world.ts';

const pointsOfScenario = 2;

let directory: string;
let world: World;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sluice-faults-'));
  world = await openWorld(await buildOperator(join(directory, 'operator')));
}, 120_000);

afterAll(async () => {
  await world.close();
  await rm(directory, { recursive: true, force: true });
});

/** The first write of each name, Events aside: every run comes to it. */
const certain = (campaign: Campaign): Campaign => ({
  ...campaign,
  faults: ({ writes }) =>
    crashPoints(writes)
      .filter(({ write, nth }) => nth === 1 && !write.includes(' events.'))
      .map((point) => () => crashAt(point)),
});

/** All scenarios side by side: they wait more than they work. */
test('killed in the middle of each scenario, the operator comes to the same end', async () => {
  const reports = await Promise.all(
    crashes.map((campaign) =>
      runCampaign({ world, directory }, certain(campaign), {
        parallel: 1,
        choose: spread(pointsOfScenario),
        onVerdict: () => {},
      }),
    ),
  );
  const verdicts = reports.flatMap(({ verdicts }) => verdicts);
  expect(verdicts).toHaveLength(crashes.length * pointsOfScenario);
  expect(verdicts.filter(({ outcome }) => outcome !== 'same')).toEqual([]);
}, 900_000);
