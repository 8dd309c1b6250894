// npm run faults: what faults do to the end of each scenario, and to who writes when leaders fail.
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readCommandLine, refuse, wholeNumber } from '../command-line.ts';
import { machine } from '../machine.ts';
import { type Campaign, type CampaignReport, runCampaign } from './campaign/campaign.ts';
import { campaignsOf } from './campaign/campaigns.ts';
import { buildOperator } from './campaign/operator-process.ts';
import { divergences, jsonReport, table } from './campaign/report.ts';
import { everyOne, spread } from './campaign/sample.ts';
import { describeRounds, playRounds } from './failover/report.ts';
import { openWorld } from './world/world.ts';

const command = {
  name: 'npm run faults --',
  summary: 'Plays faults and compares the end of each scenario with the end without them. All of them take hours.',
  words: {
    name: '[NAME...]',
    help: [
      ['promote', 'this scenario, or another, in every campaign'],
      ['restarts', 'this campaign, or another, with every scenario; restarts/promote only with one'],
      ['failover', 'what becomes of writes when leaders die, stop, freeze or are cut off'],
    ],
  },
  options: {
    parallel: { type: 'string', default: '3', value: 'N', check: wholeNumber(), help: 'runs at once' },
    sample: { type: 'string', value: 'N', check: wholeNumber(), help: 'only so many faults of each campaign' },
    json: { type: 'string', value: 'FILE', help: 'write the verdicts there, too' },
    whole: { type: 'boolean', default: false, help: 'every write, not one of each name' },
    rounds: { type: 'string', default: '50', value: 'N', check: wholeNumber(), help: 'rounds of failover' },
  },
} as const;
const { values, positionals } = readCommandLine(command);

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
  if (unknown.length > 0) refuse(command, `no campaign ${unknown.join(', ')}; there are ${names.join(', ')}`);
  return campaigns.filter(({ name }) => isMeant(name));
}

/** Where traces go, and the operator that is played with. */
type Equipment = { readonly directory: string; readonly operatorPath: string };

/** A world for each campaign: what one leaves behind is no burden to the next. */
async function play(campaign: Campaign, { directory, operatorPath }: Equipment): Promise<CampaignReport> {
  const sample = values.sample === undefined ? undefined : Number(values.sample);
  const world = await openWorld(operatorPath);
  try {
    console.error(`${campaign.name}: ${campaign.scenario.title}`);
    return await runCampaign({ world, directory }, campaign, {
      parallel: Number(values.parallel),
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
const rounds = Number(values.rounds);
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
