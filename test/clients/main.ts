// npm run clients: clients that nobody here wrote ask two models that are really served, through a real Envoy.
import { writeFileSync } from 'node:fs';
import { readCommandLine } from '../command-line.ts';
import { browse, type Page, startPage } from './browser.ts';
import { type Client, type Hosts, recordedClients } from './clients.ts';
import { startPlace } from './place.ts';
import { type Recorded, recordedFile } from './recorded.ts';
import { startRecorder } from './recorder.ts';
import { problemsOf, type Step } from './steps.ts';

const { values } = readCommandLine({
  name: 'npm run clients --',
  summary: 'Has clients of other projects ask two models through a real Envoy; fails when one cannot do what it must.',
  options: {
    json: { type: 'string', value: 'FILE', help: 'write every step of every client there' },
    record: { type: 'boolean', default: false, help: 'write test/clients/recorded.jsonl, which npm test sends again' },
  },
} as const);

type Report = { readonly client: string; readonly steps: readonly Step[]; readonly problems: readonly string[] };
const recorded: Recorded[] = [];

/** A client that cannot even be set up is a problem, too, and the others go on. */
async function report(client: string, run: () => Promise<Step[]>): Promise<Report> {
  try {
    const steps = await run();
    return { client, steps, problems: problemsOf(steps) };
  } catch (error) {
    return { client, steps: [], problems: [error instanceof Error ? error.message : String(error)] };
  }
}

async function throughRecorder({ name, run }: Client, hosts: Hosts): Promise<Step[]> {
  const people = await startRecorder(hosts.people);
  const digits = await startRecorder(hosts.digits);
  try {
    return await run({ people: people.host, digits: digits.host });
  } finally {
    for (const [model, { exchanges, server }] of [
      ['people', people],
      ['digits', digits],
    ] as const) {
      recorded.push(...exchanges.map((exchange) => ({ client: name, model, ...exchange })));
      server.close();
      server.closeAllConnections();
    }
  }
}

function print({ client, steps, problems }: Report): void {
  console.log(`\n${problems.length === 0 ? 'ok    ' : 'FAILED'} ${client}: ${steps.length} steps`);
  for (const { step, said } of steps.filter((each) => each.step.startsWith('refuse')))
    console.log(`  ${step}: ${said}`);
  for (const problem of problems) console.log(`  PROBLEM ${problem}`);
}

async function main(page: Page): Promise<Report[]> {
  const cors = { origins: [page.origin] };
  const place = await startPlace({ people: { model: 'people', cors }, digits: { model: 'digits', cors } });
  try {
    const reports: Report[] = [];
    for (const client of recordedClients) {
      reports.push(await report(client.name, () => throughRecorder(client, place.hosts)));
    }
    reports.push(await report('Chromium, a page of another origin', () => browse(page, place.hosts)));
    return reports;
  } finally {
    await place.close();
  }
}

const page = await startPage();
const reports = await main(page);
page.server.close();
page.server.closeAllConnections();
for (const each of reports) print(each);
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(reports, null, 2)}\n`);
if (values.record) writeFileSync(recordedFile, recorded.map((each) => `${JSON.stringify(each)}\n`).join(''));
const failed = reports.filter(({ problems }) => problems.length > 0);
console.log(`\n${reports.length - failed.length} clients passed, ${failed.length} failed`);
process.exitCode = failed.length > 0 ? 1 : 0;
