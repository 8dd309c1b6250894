// A program's end is told in full: its output when it went well, its own last words when it did not.
import { expect, test } from '@jest/globals';
import { CommandError, runCommand, succeeds } from './run-command.ts';

test('resolves to standard output, given standard input', async () => {
  expect(await runCommand(['cat'], { input: 'said\n' })).toBe('said\n');
});

test('passes each line of standard error on as it comes', async () => {
  const lines: string[] = [];
  await runCommand(['sh', '-c', 'echo one >&2; echo two >&2'], { onErrorLine: (line) => lines.push(line) });
  expect(lines).toEqual(['one', 'two']);
});

test('a failure names the program, the exit code and the last words', async () => {
  const failing = runCommand(['sh', '-c', 'echo out; echo broken pipe in room 4 >&2; exit 3']);
  await expect(failing).rejects.toThrow(CommandError);
  await expect(failing).rejects.toThrow(/^sh -c .*exit code 3.*broken pipe in room 4/s);
});

test('a program that does not exist is a failure like any other', async () => {
  await expect(runCommand(['no-such-program-here'])).rejects.toThrow(/ENOENT/);
  expect(await succeeds(['no-such-program-here'])).toBe(false);
});
