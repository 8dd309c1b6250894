// Starts a program whose output goes to a file, in a process group of its own.
import { type ChildProcess, spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';

/** Starts `command`; standard output and error go to `logPath`. */
export function startLogged(
  logPath: string,
  [program = '', ...args]: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): ChildProcess {
  const log = openSync(logPath, 'w');
  return spawn(program, args, {
    stdio: ['ignore', log, log],
    detached: true,
    env: { ...process.env, ...environment },
  });
}

/** @throws Error when the program could not be started. */
export function pidOf(child: ChildProcess): number {
  if (child.pid === undefined) throw new Error(`${child.spawnfile} could not be started.`);
  return child.pid;
}

/** The log's last lines, for an error message. */
export async function lastLines(logPath: string): Promise<string> {
  const log = await readFile(logPath, 'utf8').catch((error: Error) => error.message);
  return `${basename(logPath, '.log')}: ${log.trimEnd().split('\n').slice(-3).join('\n')}\n`;
}
