// npm run bench -- control-plane: what the operator costs a control plane, beside plain Jobs.
import { writeFileSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { readCommandLine, refuse, wholeNumber } from '../command-line.ts';
import { machine } from '../machine.ts';
import { figuresOf, isReached } from './control-plane/figures.ts';
import { jsonReport, page, table } from './control-plane/report.ts';
import { measure } from './control-plane/run.ts';

const count = (standard: string, help: string) =>
  ({ type: 'string', default: standard, value: 'N', check: wholeNumber(), help }) as const;
const command = {
  name: 'npm run bench --',
  summary: 'Measures what the operator costs a control plane, beside plain Jobs.',
  words: { name: 'control-plane', help: [['control-plane', 'what is measured; there is nothing else yet']] },
  options: {
    jobs: count('1000', 'TrainingJobs at once'),
    stored: count('10000', 'finished TrainingJobs that lie there'),
    singles: count('30', 'TrainingJobs one after another'),
    json: { type: 'string', value: 'FILE', help: 'write the figures there, too' },
    profiles: { type: 'string', value: 'DIRECTORY', help: 'write profiles of the operator there' },
    write: { type: 'boolean', default: false, help: 'write docs/reference/benchmarks.md' },
  },
} as const;
const { values, positionals } = readCommandLine(command);

if (positionals.length !== 1 || positionals[0] !== 'control-plane') {
  refuse(command, 'Say what to measure: npm run bench -- control-plane');
}
const startedAt = performance.now();
const sizes = {
  jobs: Number(values.jobs),
  stored: Number(values.stored),
  singles: Number(values.singles),
};
const measured = await measure({ ...sizes, profiles: values.profiles });
const memory = Math.round(totalmem() / 2 ** 30);
const report = {
  machine: `${machine()}, ${memory} GiB`,
  cores: availableParallelism(),
  seconds: Math.round((performance.now() - startedAt) / 1000),
  measured,
};
console.log(`\n${table(report)}`);
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(jsonReport(report), null, 2)}\n`);
if (values.write) writeFileSync(new URL('../../docs/reference/benchmarks.md', import.meta.url), page(report));
if (!figuresOf(measured).every(isReached)) process.exitCode = 1;
