// Whole plans, one file in and one file out: what a reviewer reads to see what a planner does.
// `UPDATE_GOLDENS=1` writes the outputs anew; read the difference before committing it.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { parse, stringify } from 'yaml';
import { parseTime } from '../conditions.ts';
import type { Instant } from '../plan.ts';

type Planned<Observed> = {
  /** Fills in what a person leaves out of the file: defaults of the spec as the shell does it, times as numbers. */
  complete(observed: Observed): Observed;
  plan(observed: Observed, now: Instant): object;
};

const inputEnd = '.in.yaml';

/** A test for each `<name>.in.yaml` of the directory: `now` and `observed` in it give the plan in `<name>.out.yaml`. */
export function testGoldens<Observed>(directory: URL, { complete, plan }: Planned<Observed>): void {
  const files = readdirSync(directory).filter((file) => file.endsWith(inputEnd));
  test.each(files.map((file) => file.slice(0, -inputEnd.length)))('%s', (name) => {
    const input = readFileSync(new URL(`${name}${inputEnd}`, directory), 'utf8');
    const { now, observed } = parse(input) as { now: string; observed: Observed };
    const planned = plan(complete(observed), parseTime(now));
    const output = new URL(`${name}.out.yaml`, directory);
    if (process.env['UPDATE_GOLDENS'] === '1')
      writeFileSync(output, stringify(planned, { aliasDuplicateObjects: false }));
    expect(parse(readFileSync(output, 'utf8'))).toEqual(JSON.parse(JSON.stringify(planned)));
  });
}
