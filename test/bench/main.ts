// npm run bench -- control-plane [--jobs 1000] [--stored 10000] [--singles 30] [--json FILE] [--write]
// [--profiles DIRECTORY]: what the operator costs a control plane, beside plain Jobs.
import { writeFileSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
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

function wholeOption(name: 'jobs' | 'stored' | 'singles'): number {
  const value = Number(values[name]);
  if (!Number.isSafeInteger(value) || value < 1) throw new RangeError(`--${name} must be a whole number of at least 1`);
  return value;
}

if (positionals.length !== 1 || positionals[0] !== 'control-plane') {
  throw new RangeError('Say what to measure: npm run bench -- control-plane');
}
const startedAt = performance.now();
const sizes = { jobs: wholeOption('jobs'), stored: wholeOption('stored'), singles: wholeOption('singles') };
const measured = await measure({ ...sizes, profiles: values.profiles });
const memory = Math.round(totalmem() / 2 ** 30);
const cores = availableParallelism();
const machine = `${cores} cores of ${cpus()[0]?.model.trim() ?? 'an unknown processor'}, ${memory} GiB`;
const report = { machine, cores, seconds: Math.round((performance.now() - startedAt) / 1000), measured };
console.log(`\n${table(report)}`);
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(jsonReport(report), null, 2)}\n`);
if (values.write) writeFileSync(new URL('../../docs/reference/benchmarks.md', import.meta.url), page(report));
if (!figuresOf(measured).every(isReached)) process.exitCode = 1;
