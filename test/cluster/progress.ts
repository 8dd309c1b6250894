// Says what is going on during long work, and afterwards where the time went.

/** Prints one detail of a running stage; may be called as often as there is news. */
export type Report = (detail: string) => void;

interface Stage {
  readonly name: string;
  readonly seconds: number;
}

/** Seconds between two lines of the same stage: often enough to see life, seldom enough for a log. */
const secondsBetweenLines = 10;

/** Collects named stages, which may overlap; lines go to standard error, so that standard output stays for results. */
export class Progress {
  readonly #stages: Stage[] = [];
  readonly #start = performance.now();
  readonly #write: (line: string) => void;

  constructor(write: (line: string) => void = (line) => process.stderr.write(`${line}\n`)) {
    this.#write = write;
  }

  /** Runs `work` as a stage: prints when it starts, reports at most every ten seconds, and how long it took. */
  async stage<T>(name: string, work: (report: Report) => Promise<T>): Promise<T> {
    const start = performance.now();
    this.#write(`  ${name} ...`);
    let printedAt = start;
    const result = await work((detail) => {
      const now = performance.now();
      if (now - printedAt < secondsBetweenLines * 1000) return;
      printedAt = now;
      this.#write(`  ${name}: ${detail}, ${seconds(now - start)}`);
    });
    const took = performance.now() - start;
    this.#stages.push({ name, seconds: took / 1000 });
    this.#write(`  ${name}: done in ${seconds(took)}`);
    return result;
  }

  /** Where the time went: one line for each stage, then the time since this object was made. */
  summary(): string {
    const rows = [
      ...this.#stages,
      { name: 'in all (stages overlap)', seconds: (performance.now() - this.#start) / 1000 },
    ];
    const width = Math.max(...rows.map((row) => row.name.length));
    return rows.map((row) => `  ${row.name.padEnd(width)} ${row.seconds.toFixed(1).padStart(7)} s`).join('\n');
  }
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
