// A sample of `npm run faults`: the operator is killed at a few writes of each scenario, and the end is what it would be.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { runCampaign } from '../../faults/campaign/campaign.ts';
import { crashes } from '../../faults/campaign/campaigns.ts';
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

test.concurrent.each(crashes)(
  'killed in the middle of $name, the operator comes to the same end',
  async (campaign) => {
    const { verdicts } = await runCampaign({ world, directory }, campaign, {
      parallel: pointsOfScenario,
      choose: spread(pointsOfScenario),
      onVerdict: () => {},
    });
    expect(verdicts).toHaveLength(pointsOfScenario);
    expect(verdicts.filter(({ outcome }) => outcome !== 'same')).toEqual([]);
  },
  400_000,
);
