// A process that logs 100,000 lines, each of another object, without a pause, and ends at once. For the test of H20.
import { createLog } from '../log.ts';

let dropped = 0;
const log = createLog('info', () => {
  dropped += 1;
});
const padding = 'x'.repeat(1_000);
for (let line = 0; line < 100_000; line += 1) log.write('info', 'reconciled', { key: `ml/job-${line}`, padding });
await log.close();
process.stderr.write(`${JSON.stringify({ dropped })}\n`);
process.exit(1);
