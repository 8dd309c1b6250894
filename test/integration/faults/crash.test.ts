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

/** The first write of each name, Events aside: nearly every run comes to it. */
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
  for (const { name, verdicts } of reports) {
    const outcomes = verdicts.map(({ outcome }) => outcome);
    expect({ name, diverged: verdicts.filter(({ outcome }) => outcome === 'diverged') }).toEqual({
      name,
      diverged: [],
    });
    // What is being deleted may be gone before its write comes.
    expect({ name, outcomes }).toEqual({ name, outcomes: expect.arrayContaining(['same']) });
  }
}, 900_000);
