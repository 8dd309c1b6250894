// npm test: check, then integration, then end to end; prints the ten slowest tests and one summary line.
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readCommandLine } from './command-line.ts';
import { setUpCluster } from './e2e/setup.ts';

type JestReport = {
  numPassedTests: number;
  numFailedTests: number;
  numFailedTestSuites: number;
  numRuntimeErrorTestSuites: number;
  testResults: { name: string; assertionResults: { fullName: string; duration?: number | null }[] }[];
};

const projects = ['unit', 'integration', 'e2e'] as const;
type Project = (typeof projects)[number];

const { positionals: wanted } = readCommandLine({
  name: 'npm test --',
  summary: 'Runs the checks, unit, integration and end-to-end tests, and ends with "N passed, N failed".',
  words: {
    name: '[PROJECT] [PATTERN...]',
    help: [
      ['unit', 'only the tests that need nothing but npm'],
      ['integration', 'only those against a real apiserver; they need Go, the first time'],
      ['e2e', 'only those on a real node; they need Docker and Go'],
      ['PATTERN', 'only files whose path matches, e.g. npm test e2e bad-input'],
    ],
  },
  options: {},
});
const chosen = projects.filter((project) => wanted.length === 0 || wanted.includes(project));
/** What is no project's name narrows the test files: `npm test e2e bad-input`. */
const patterns = wanted.filter((word) => !projects.some((project) => project === word));

function run(program: string, args: readonly string[], environment: Record<string, string> = {}): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: 'inherit', env: { ...process.env, ...environment } });
    child.on('error', () => resolve(127));
    child.on('close', (code) => resolve(code ?? 1));
  });
}

async function runJest(
  project: Project,
  directory: string,
  environment: Record<string, string> = {},
): Promise<JestReport | undefined> {
  const output = join(directory, `${project}.json`);
  const args = [
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    'node_modules/jest/bin/jest.js',
    `--selectProjects=${project}`,
    '--json',
    `--outputFile=${output}`,
    // Each of them takes ports, both cores, or the one node.
    ...(project === 'unit' ? [] : ['--runInBand']),
    ...patterns,
  ];
  await run(process.execPath, args, environment);
  return JSON.parse(await readFile(output, 'utf8').catch(() => 'null')) ?? undefined;
}

/** End-to-end tests need a cluster, which is removed whatever becomes of them. */
async function runOnCluster(directory: string): Promise<JestReport | undefined> {
  const { cluster, environment } = await setUpCluster();
  try {
    return await runJest('e2e', directory, environment);
  } finally {
    if (process.env['SLUICE_KEEP_CLUSTER'] !== '1') await cluster.down();
  }
}

function slowest(reports: readonly JestReport[]): string[] {
  return reports
    .flatMap(({ testResults }) => testResults.flatMap(({ assertionResults }) => assertionResults))
    .sort((a, b) => (b.duration ?? 0) - (a.duration ?? 0))
    .slice(0, 10)
    .map(({ fullName, duration }) => `  ${((duration ?? 0) / 1000).toFixed(1).padStart(6)} s  ${fullName}`);
}

const startedAt = performance.now();
const directory = await mkdtemp(join(tmpdir(), 'sluice-test-'));
let passed = 0;
let failed = 0;
const reports: JestReport[] = [];

/** A check or a project that cannot even run counts as one failure. */
if (wanted.length === 0) {
  const code = await run(process.execPath, ['test/check.ts', '--without-tests']);
  if (code === 0) passed += 1;
  else failed += 1;
}
for (const project of chosen) {
  console.log(`\n== ${project} ==`);
  const report = await (project === 'e2e' ? runOnCluster(directory) : runJest(project, directory)).catch(
    (error: unknown) => console.error(error),
  );
  if (!report) {
    failed += 1;
    continue;
  }
  reports.push(report);
  passed += report.numPassedTests;
  failed += report.numFailedTests + report.numRuntimeErrorTestSuites;
}
await rm(directory, { recursive: true, force: true });

console.log(`\nThe slowest tests:\n${slowest(reports).join('\n')}`);
console.log(`\nTook ${((performance.now() - startedAt) / 60_000).toFixed(1)} minutes.`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
