// npm run faults [-- CAMPAIGN… --parallel N --sample N --whole --json FILE]: what faults do to the end of each scenario.
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Campaign, type CampaignReport, runCampaign } from './campaign/campaign.ts';
import { campaignsOf } from './campaign/campaigns.ts';
import { buildOperator } from './campaign/operator-process.ts';
import { divergences, jsonReport, machine, table } from './campaign/report.ts';
import { everyOne, spread } from './campaign/sample.ts';
import { openWorld } from './world/world.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    parallel: { type: 'string', default: '3' },
    sample: { type: 'string' },
    json: { type: 'string' },
    whole: { type: 'boolean', default: false },
  },
});

function wholeOption(name: 'parallel' | 'sample'): number | undefined {
  if (values[name] === undefined) return undefined;
  const value = Number(values[name]);
  if (!Number.isSafeInteger(value) || value < 1) throw new RangeError(`--${name} must be a whole number of at least 1`);
  return value;
}

/** All, or those named: `promote`, `restarts/promote`, or `restarts` for every scenario. */
function chosenCampaigns(): readonly Campaign[] {
  const campaigns = campaignsOf({ isWhole: values.whole });
  const isMeant = (name: string, wanted: string) => name === wanted || name.startsWith(`${wanted}/`);
  const unknown = positionals.filter((wanted) => !campaigns.some(({ name }) => isMeant(name, wanted)));
  if (unknown.length > 0) {
    throw new RangeError(
      `no campaign ${unknown.join(', ')}; there are ${campaigns.map(({ name }) => name).join(', ')}`,
    );
  }
  return campaigns.filter(({ name }) => positionals.length === 0 || positionals.some((each) => isMeant(name, each)));
}

/** A world for each campaign: what one leaves behind is no burden to the next. */
async function play(campaign: Campaign, directory: string): Promise<CampaignReport> {
  const sample = wholeOption('sample');
  const world = await openWorld(operatorPath);
  try {
    console.error(`${campaign.name}: ${campaign.scenario.title}`);
    return await runCampaign({ world, directory }, campaign, {
      parallel: wholeOption('parallel') ?? 1,
      choose: sample === undefined ? everyOne : spread(sample),
      onVerdict: ({ outcome, fault, seconds, differences }, done, count) => {
        console.error(`[${done}/${count}] ${campaign.name} ${fault}: ${outcome}, ${seconds.toFixed(1)} s`);
        for (const difference of differences) console.error(`  ${difference}`);
      },
    });
  } finally {
    await world.close();
  }
}

const chosen = chosenCampaigns();
const startedAt = performance.now();
const directory = await mkdtemp(join(tmpdir(), 'sluice-faults-'));
const operatorPath = await buildOperator(join(directory, 'operator'));
const reports: CampaignReport[] = [];
for (const campaign of chosen) reports.push(await play(campaign, directory));

const minutes = ((performance.now() - startedAt) / 60_000).toFixed(1);
const wrong = divergences(reports);
console.log(`\n${table(reports)}\n\n${minutes} minutes on ${machine()}`);
if (wrong.length > 0) console.log(`\n${wrong.join('\n')}`);
if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(jsonReport(reports), null, 2)}\n`);
process.exitCode = wrong.length === 0 ? 0 : 1;
