// Runs another program to its end and resolves to what it printed.
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { undoOnInterrupt } from './interruption.ts';

/** How to run a program, beyond its command line. */
export interface RunOptions {
  readonly cwd?: string;
  /** Added to this process' environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Written to its standard input. */
  readonly input?: string | undefined;
  /** Sees each line of its standard error as it comes. */
  readonly onErrorLine?: (line: string) => void;
}

/** A program that could not be started or ended with another exit code than 0; the message ends with its last lines. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}

/**
 * Runs `command` and resolves to its standard output. It gets a process group of its own, which is killed as a whole when
 * this process is interrupted: compilers and package managers have children, too.
 */
export async function runCommand(command: readonly string[], options: RunOptions = {}): Promise<string> {
  const [program = '', ...args] = command;
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    detached: true,
    stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  });
  const ended = exitOf(child);
  const forget = undoOnInterrupt(() => killGroup(child, ended));
  const output: Buffer[] = [];
  const errorLines: string[] = [];
  child.stdout?.on('data', (chunk: Buffer) => output.push(chunk));
  if (child.stderr) {
    createInterface(child.stderr).on('line', (line) => {
      errorLines.push(line);
      options.onErrorLine?.(line);
    });
  }
  child.stdin?.on('error', (error) => errorLines.push(`standard input: ${error.message}`));
  child.stdin?.end(options.input);
  try {
    const outcome = await ended;
    const text = Buffer.concat(output).toString();
    if (outcome === 0) return text;
    const lastLines = (errorLines.length > 0 ? errorLines : text.trimEnd().split('\n')).slice(-8).join('\n');
    throw new CommandError(`${command.slice(0, 4).join(' ')} failed (${describe(outcome)}): ${lastLines}`, {
      cause: outcome,
    });
  } finally {
    forget();
  }
}

/** Whether `command` can be run and ends with exit code 0. */
export async function succeeds(command: readonly string[], options: RunOptions = {}): Promise<boolean> {
  try {
    await runCommand(command, options);
    return true;
  } catch (error) {
    if (error instanceof CommandError) return false;
    throw error;
  }
}

type Outcome = number | NodeJS.Signals | Error;

function exitOf(child: ChildProcess): Promise<Outcome> {
  return new Promise((resolve) => {
    child.on('error', resolve);
    child.on('close', (code, signal) => resolve(code ?? signal ?? 1));
  });
}

/** Interrupts first, upon which a compiler removes its temporary files, and insists after three seconds. */
async function killGroup(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null) return;
  const group = -child.pid;
  process.kill(group, 'SIGINT');
  const insist = setTimeout(() => process.kill(group, 'SIGKILL'), 3000);
  await ended;
  clearTimeout(insist);
}

function describe(outcome: Outcome): string {
  if (outcome instanceof Error) return outcome.message;
  return typeof outcome === 'number' ? `exit code ${outcome}` : outcome;
}
