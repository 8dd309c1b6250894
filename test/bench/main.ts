// npm run bench -- control-plane [--jobs 1000] [--stored 10000] [--singles 30] [--json FILE] [--write]
// [--profiles DIRECTORY]: what the operator costs a control plane, beside plain Jobs.
import { writeFileSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { machine } from '../machine.ts';
import { wholeOption } from '../whole-option.ts';
import { figuresOf, isReached } from './control-plane/figures.ts';
import { jsonReport, page, table } from './control-plane/report.ts';
import { measure } from './control-plane/run.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    jobs: { type: 'string', default: '1000' },
    stored: { type: 'string', default: '10000' },
    singles: { type: 'string', default: '30' },
    json: { type: 'string' },
    profiles: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
});

if (positionals.length !== 1 || positionals[0] !== 'control-plane') {
  throw new RangeError('Say what to measure: npm run bench -- control-plane');
}
const startedAt = performance.now();
const sizes = {
  jobs: wholeOption('jobs', values.jobs),
  stored: wholeOption('stored', values.stored),
  singles: wholeOption('singles', values.singles),
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
