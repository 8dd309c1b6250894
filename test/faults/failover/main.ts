// node test/faults/failover/main.ts [--rounds N]: what becomes of writes when leaders die, stop, freeze or are cut off.
import { parseArgs } from 'node:util';
import { describeRounds, playRounds } from './report.ts';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '50' } } });
const rounds = Number(values.rounds);
if (!Number.isSafeInteger(rounds) || rounds < 1) throw new RangeError('--rounds must be a whole number of at least 1');
const report = await playRounds(rounds, (line) => console.error(line));
console.log(describeRounds(report).join('\n'));
for (const { writer, what } of report.byNonHolders) console.log(`${writer} did not hold the lease: ${what}`);
process.exitCode = report.byNonHolders.length === 0 ? 0 : 1;
