// Where the demo speaks: headings, commands with their output, and one line that is rewritten while something is on its way.
import type { Cluster } from '../../test/cluster/cluster-type.ts';

/** Without a terminal a line that keeps changing is printed at most this often. */
const secondsBetweenLines = 5;

/** A command as a user would type it, with quotes around what a shell would take for its own. */
const commandLine = (args: readonly string[]) => `$ kubectl ${args.map(quoted).join(' ')}`;

const quoted = (argument: string) => (/^[\w./:=,@-]+$/.test(argument) ? argument : `'${argument}'`);

/** Writes to standard output; knows whether a person's terminal is there. */
export class Screen {
  readonly #output: NodeJS.WriteStream;
  #live = '';
  #printedAt = Number.NEGATIVE_INFINITY;

  constructor(output: NodeJS.WriteStream = process.stdout) {
    this.#output = output;
  }

  /** Characters in a line. */
  get width(): number {
    return this.#output.columns ?? 110;
  }

  /** Prints lines; what was live before is gone. */
  say(...lines: readonly string[]): void {
    this.#erase();
    for (const line of lines) this.#output.write(`${line}\n`);
  }

  /** Prints a heading with an empty line before it. */
  heading(title: string): void {
    this.say('', this.#output.isTTY ? `\u001b[1m${title}\u001b[0m` : title);
  }

  /** Shows `line` in the place of the last live line; without a terminal as a line of its own, when there is news. */
  live(line: string): void {
    if (line === this.#live) return;
    const now = performance.now();
    const isTerminal = this.#output.isTTY;
    if (!isTerminal && now - this.#printedAt < secondsBetweenLines * 1000) return;
    this.#erase();
    this.#output.write(isTerminal ? `  ${line}`.slice(0, this.width - 1) : `  ${line}\n`);
    this.#live = line;
    this.#printedAt = now;
  }

  /** Shows a kubectl command as a user would type it, runs it, and shows what it printed. */
  async kubectl(cluster: Cluster, args: readonly string[]): Promise<void> {
    this.say(commandLine(args));
    const output = await cluster.kubectl(args);
    this.say(...output.trimEnd().split('\n'));
  }

  #erase(): void {
    if (this.#live !== '' && this.#output.isTTY) this.#output.write('\r\u001b[K');
    this.#live = '';
    this.#printedAt = Number.NEGATIVE_INFINITY;
  }
}
