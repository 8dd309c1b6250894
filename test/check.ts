// npm run check: types, lint, format, generated files and unit tests, side by side; prints only what is wrong.
// --without-tests leaves the unit tests to a caller that runs them itself.
import { spawn } from 'node:child_process';
import { readCommandLine } from './command-line.ts';

const { values } = readCommandLine({
  name: 'npm run check --',
  summary:
    'Checks types, lint, format and generated files, and runs the unit tests, side by side; prints what is wrong.',
  options: { 'without-tests': { type: 'boolean', default: false, help: 'leave the unit tests out' } },
});

const jest = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', 'node_modules/jest/bin/jest.js'];

/** The checks by name; every one is a plain command that also works by itself. */
const checks: Record<string, readonly string[]> = {
  types: ['tsc', '--project', '.'],
  'lint and format': ['biome', 'ci', '--colors=off', '.'],
  'generated files': ['node', 'crds/src/generate.ts', '--check'],
  ...(values['without-tests'] ? {} : { 'unit tests': ['node', ...jest, '--selectProjects', 'unit', '--silent'] }),
};

type Outcome = { name: string; ok: boolean; output: string; seconds: number };

function runCheck(name: string, [program = '', ...args]: readonly string[]): Promise<Outcome> {
  const startedAt = performance.now();
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
    const end = (ok: boolean, extra = '') => {
      const seconds = (performance.now() - startedAt) / 1000;
      resolve({ name, ok, output: Buffer.concat(chunks).toString() + extra, seconds });
    };
    child.on('error', (error) => end(false, error.message));
    child.on('close', (code) => end(code === 0));
  });
}

const outcomes = await Promise.all(
  Object.entries(checks).map(async ([name, command]) => {
    const outcome = await runCheck(name, command);
    console.log(`${outcome.ok ? 'ok    ' : 'FAILED'} ${name} (${outcome.seconds.toFixed(1)} s)`);
    return outcome;
  }),
);
for (const { name, ok, output } of outcomes) {
  if (!ok) console.error(`\n--- ${name} ---\n${output}`);
}
process.exitCode = outcomes.every(({ ok }) => ok) ? 0 : 1;
