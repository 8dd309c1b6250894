// npm run format: formats what can be formatted, and says what lint finds besides.
import { spawnSync } from 'node:child_process';
import { readCommandLine } from './command-line.ts';

readCommandLine({
  name: 'npm run format --',
  summary: 'Formats every file that can be formatted, and says what lint finds besides.',
  options: {},
});
process.exitCode = spawnSync('biome', ['check', '--write', '.'], { stdio: 'inherit' }).status ?? 1;
