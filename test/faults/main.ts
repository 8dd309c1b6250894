// npm run faults [-- NAME… --parallel N --sample N --whole --rounds N --json FILE]: what faults do to the end of each
// scenario, and to who writes when leaders fail.
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { machine } from '../machine.ts';
import { wholeOption } from '../whole-option.ts';
import { type Campaign, type CampaignReport, runCampaign } from './campaign/campaign.ts';
import { campaignsOf } from './campaign/campaigns.ts';
import { buildOperator } from './campaign/operator-process.ts';
import { divergences, jsonReport, table } from './campaign/report.ts';
import { everyOne, spread } from './campaign/sample.ts';
import { describeRounds, playRounds } from './failover/report.ts';
import { openWorld } from './world/world.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    parallel: { type: 'string', default: '3' },
    sample: { type: 'string' },
    json: { type: 'string' },
    whole: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '50' },
  },
});

/** Names the rounds of fail-over among the campaigns. */
const failover = 'failover';

const isMeant = (name: string) =>
  positionals.length === 0 || positionals.some((wanted) => name === wanted || name.startsWith(`${wanted}/`));

/** All, or those named: `promote`, `restarts/promote`, or `restarts` for every scenario. */
function chosenCampaigns(): readonly Campaign[] {
  const campaigns = campaignsOf({ isWhole: values.whole });
  const names = [...campaigns.map(({ name }) => name), failover];
  const unknown = positionals.filter(
    (wanted) => !names.some((name) => name === wanted || name.startsWith(`${wanted}/`)),
  );
  if (unknown.length > 0) throw new RangeError(`no campaign ${unknown.join(', ')}; there are ${names.join(', ')}`);
  return campaigns.filter(({ name }) => isMeant(name));
}

/** Where traces go, and the operator that is played with. */
type Equipment = { readonly directory: string; readonly operatorPath: string };

/** A world for each campaign: what one leaves behind is no burden to the next. */
async function play(campaign: Campaign, { directory, operatorPath }: Equipment): Promise<CampaignReport> {
  const sample = values.sample === undefined ? undefined : wholeOption('sample', values.sample);
  const world = await openWorld(operatorPath);
  try {
    console.error(`${campaign.name}: ${campaign.scenario.title}`);
    return await runCampaign({ world, directory }, campaign, {
      parallel: wholeOption('parallel', values.parallel),
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

async function playAll(campaigns: readonly Campaign[]): Promise<CampaignReport[]> {
  if (campaigns.length === 0) return [];
  const directory = await mkdtemp(join(tmpdir(), 'sluice-faults-'));
  const operatorPath = await buildOperator(join(directory, 'operator'));
  const reports: CampaignReport[] = [];
  for (const campaign of campaigns) reports.push(await play(campaign, { directory, operatorPath }));
  return reports;
}

const startedAt = performance.now();
const reports = await playAll(chosenCampaigns());
const rounds = wholeOption('rounds', values.rounds);
const leaders = isMeant(failover) ? await playRounds(rounds, (line) => console.error(`failover, ${line}`)) : undefined;

const minutes = ((performance.now() - startedAt) / 60_000).toFixed(1);
const byNonHolders = leaders?.byNonHolders ?? [];
const wrong = [
  ...divergences(reports),
  ...byNonHolders.map(({ writer, what }) => `${writer} did not hold the lease: ${what}`),
];
if (reports.length > 0) console.log(`\n${table(reports)}`);
if (leaders) console.log(`\n${describeRounds(leaders).join('\n')}`);
console.log(`\n${minutes} minutes on ${machine()}`);
if (wrong.length > 0) console.log(`\n${wrong.join('\n')}`);
if (values.json !== undefined) {
  const report = { ...jsonReport(reports), ...(leaders ? { failover: leaders } : {}) };
  await writeFile(values.json, `${JSON.stringify(report, null, 2)}\n`);
}
process.exitCode = wrong.length === 0 ? 0 : 1;
