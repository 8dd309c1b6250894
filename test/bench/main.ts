// npm run bench -- control-plane | rollout: what the operator costs a control plane.
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg, totalmem } from 'node:os';
import { readCommandLine, refuse, wholeNumber } from '../command-line.ts';
import { machine } from '../machine.ts';
import { type Figure, figuresOf, isReached } from './control-plane/figures.ts';
import { controlPlanePart, jsonReport, table } from './control-plane/report.ts';
import { measure } from './control-plane/run.ts';
import { type PartName, withPart } from './page.ts';
import { rolloutFigures } from './rollout/figures.ts';
import { rolloutJson, rolloutPart, rolloutTable } from './rollout/report.ts';
import { measureRollouts } from './rollout/run.ts';

const count = (standard: string, help: string) =>
  ({ type: 'string', default: standard, value: 'N', check: wholeNumber(), help }) as const;
const command = {
  name: 'npm run bench --',
  summary: 'Measures what the operator costs a control plane.',
  words: {
    name: 'control-plane | rollout',
    help: [
      ['control-plane', 'TrainingJobs beside plain Jobs'],
      ['rollout', 'rollouts at once, ModelDeployments at rest, and weights on their way to an Envoy'],
    ],
  },
  options: {
    jobs: count('1000', 'control-plane: TrainingJobs at once'),
    stored: count('10000', 'control-plane: finished TrainingJobs that lie there'),
    singles: count('30', 'control-plane: TrainingJobs one after another'),
    rollouts: count('100', 'rollout: rollouts at once'),
    few: count('200', 'rollout: ModelDeployments at rest, for processor time'),
    many: count('1000', 'rollout: ModelDeployments at rest, for memory'),
    rest: count('60', 'rollout: seconds in which the operator is looked at'),
    listeners: count('200', 'rollout: listeners of the Envoy'),
    changes: count('300', 'rollout: changes of a weight'),
    json: { type: 'string', value: 'FILE', help: 'write the figures there, too' },
    profiles: { type: 'string', value: 'DIRECTORY', help: 'write profiles of the operator there' },
    write: { type: 'boolean', default: false, help: 'write docs/reference/benchmarks.md' },
  },
} as const;
const { values, positionals } = readCommandLine(command);
const pagePath = new URL('../../docs/reference/benchmarks.md', import.meta.url);
const startedAt = performance.now();
const loadBefore = loadavg()[0] ?? 0;

const where = () => ({
  machine: `${machine()}, ${Math.round(totalmem() / 2 ** 30)} GiB`,
  cores: availableParallelism(),
  seconds: Math.round((performance.now() - startedAt) / 1000),
});

type Outcome = { readonly table: string; readonly json: object; readonly part: string; readonly figures: Figure[] };

async function controlPlane(): Promise<Outcome> {
  const sizes = { jobs: Number(values.jobs), stored: Number(values.stored), singles: Number(values.singles) };
  const measured = await measure({ ...sizes, profiles: values.profiles });
  const report = { ...where(), measured };
  const figures = figuresOf(measured);
  return { table: table(report), json: jsonReport(report), part: controlPlanePart(report), figures };
}

async function rollout(): Promise<Outcome> {
  const measured = await measureRollouts({
    rollouts: Number(values.rollouts),
    few: Number(values.few),
    many: Number(values.many),
    restSeconds: Number(values.rest),
    listeners: Number(values.listeners),
    changes: Number(values.changes),
    profiles: values.profiles,
  });
  const report = { ...where(), loadBefore, measured };
  const figures = rolloutFigures(measured);
  return { table: rolloutTable(report), json: rolloutJson(report), part: rolloutPart(report), figures };
}

const benchmarks: Readonly<Record<PartName, () => Promise<Outcome>>> = { 'control-plane': controlPlane, rollout };
const [name] = positionals;
if (positionals.length !== 1 || (name !== 'control-plane' && name !== 'rollout')) {
  refuse(command, 'Say what to measure: npm run bench -- control-plane, or npm run bench -- rollout');
}
const outcome = await benchmarks[name]();
console.log(`\n${outcome.table}`);
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(outcome.json, null, 2)}\n`);
if (values.write) writeFileSync(pagePath, withPart(readFileSync(pagePath, 'utf8'), name, outcome.part));
if (!outcome.figures.every(isReached)) process.exitCode = 1;
