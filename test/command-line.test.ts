// Every npm script says what it does when asked, does nothing meanwhile, and refuses what it does not know.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { parseCommandLine, usageOf, wholeNumber } from './command-line.ts';

const root = join(import.meta.dirname, '..');
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> };
const names = Object.keys(scripts);

type Ended = { readonly code: number | null; readonly output: string; readonly errors: string };

/** What a script does with these arguments; it is killed when that takes long, as work would. */
function run(name: string, args: readonly string[]): Promise<Ended> {
  const entry = (scripts[name] ?? '').replace('node bootstrap.mjs ', '');
  return start(['--disable-warning=ExperimentalWarning', entry, ...args]);
}

function start(args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { cwd: root, timeout: 60_000 });
    const [output, errors]: [string[], string[]] = [[], []];
    child.stdout.on('data', (chunk) => output.push(String(chunk)));
    child.stderr.on('data', (chunk) => errors.push(String(chunk)));
    child.on('close', (code) => resolve({ code, output: output.join(''), errors: errors.join('') }));
  });
}

describe('the scripts of package.json', () => {
  const asked = new Map<string, Ended>();
  const wrong = new Map<string, Ended>();

  beforeAll(async () => {
    for (const name of names) {
      asked.set(name, await run(name, ['--help']));
      wrong.set(name, await run(name, ['--frobnicate']));
    }
  }, 300_000);

  test('all start by bootstrap.mjs, which hands on what it is given and the exit code', async () => {
    expect(Object.values(scripts).filter((script) => !/^node bootstrap.mjs \S+\.ts$/.test(script))).toEqual([]);
    const { code, errors } = await start(['bootstrap.mjs', 'test/format.ts', '--frobnicate']);
    expect({ code, errors }).toEqual({ code: 2, errors: expect.stringContaining('--frobnicate') });
  }, 60_000);

  test.each(names)('%s --help says how it is used, and nothing else', (name) => {
    const command = name === 'test' ? 'npm test --' : `npm run ${name} --`;
    const { code, output, errors } = asked.get(name) ?? { code: null, output: '', errors: '' };
    expect({ code, errors }).toEqual({ code: 0, errors: '' });
    expect(output.split('\n')[0]?.startsWith(`Usage: ${command}`)).toBe(true);
    expect(output).toContain('-h, --help');
  });

  test.each(names)('%s refuses an option that it does not know in one line, with exit code 2', (name) => {
    const { code, output, errors } = wrong.get(name) ?? { code: null, output: '', errors: '' };
    expect({ code, output }).toEqual({ code: 2, output: '' });
    expect(errors).toMatch(/^Unknown option '--frobnicate'.*; see npm (test|run [-\w]+) -- --help\n$/);
  });
});

describe('a command line', () => {
  const command = {
    name: 'npm run play --',
    summary: 'Plays.',
    options: {
      runs: { type: 'string', default: '3', value: 'N', check: wholeNumber(), help: 'how often' },
      loud: { type: 'boolean', short: 'l', default: false, help: 'be heard' },
    },
  } as const;

  test('is told by a line for each option', () => {
    expect(usageOf(command).split('\n')).toEqual([
      'Usage: npm run play -- [options]',
      'Plays.',
      '  --runs N    how often (default 3)',
      '  -l, --loud  be heard',
      '  -h, --help  say this, and do nothing',
    ]);
  });

  test.each([[['--help']], [['-h']], [['--runs', 'x', '--help']]])('%j is a cry for help', (args) => {
    expect(parseCommandLine(command, args).type).toBe('Help');
  });

  test.each([
    [['--runs', '0'], '--runs 0: must be a whole number of at least 1'],
    [['--runs', '1.5'], '--runs 1.5: must be a whole number of at least 1'],
    [['--runs'], "Option '--runs <value>' argument missing"],
    [['word'], "Unexpected argument 'word'"],
  ])('%j is wrong', (args, message) => {
    expect(parseCommandLine(command, args)).toMatchObject({ type: 'Wrong', message: expect.stringContaining(message) });
  });

  test('that is right is read', () => {
    expect(parseCommandLine(command, ['--runs', '5'])).toMatchObject({ values: { runs: '5', loud: false } });
  });
});
