// npm run fuzz: malformed HTTP through the gateway to a model server, with a client beside it that does nothing wrong.
import { randomInt } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { readCommandLine, wholeNumber } from '../command-line.ts';
import { machine } from '../machine.ts';
import { fuzz } from './fuzz.ts';
import { startPlace } from './place/place.ts';

const { values } = readCommandLine({
  name: 'npm run fuzz --',
  summary:
    'Sends malformed HTTP through a real Envoy to a real model server. No 5xx may come of it, no other client may notice.',
  options: {
    minutes: { type: 'string', default: '60', value: 'N', check: wholeNumber(), help: 'how long' },
    seed: { type: 'string', value: 'N', check: wholeNumber(0), help: 'the same seed says the same; any without it' },
    first: { type: 'string', default: '0', value: 'N', check: wholeNumber(0), help: 'begin at this conversation' },
    json: { type: 'string', value: 'FILE', help: 'write the report there, too' },
  },
});

const seed = values.seed === undefined ? randomInt(2 ** 31) : Number(values.seed);
console.log(`seed ${seed}, ${values.minutes} minutes, ${machine()}`);
const place = await startPlace();
const report = await fuzz(place, {
  seed,
  first: Number(values.first),
  milliseconds: Number(values.minutes) * 60_000,
  onFinding: (finding) => console.log(finding),
}).finally(() => place.stop());

const mebibytes = (bytes: number) => Math.round(bytes / 2 ** 20);
console.log(
  [
    `${report.conversations} conversations; answers by status: ${JSON.stringify(report.statuses)}`,
    `${report.good.sent} requests of another client, ${report.good.failures.length} not answered, the slowest ${Math.round(report.good.slowestMs)} ms`,
    `${report.errors} errors counted against the revision, ${report.unserved} against the gateway`,
    `at most ${mebibytes(report.memory.envoy)} MiB in Envoy, ${mebibytes(report.memory.server)} MiB in the server`,
    `${report.findings.length} findings`,
  ].join('\n'),
);
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(report, null, 2)}\n`);
if (report.findings.length > 0) process.exitCode = 1;
