// Scene: what was measured, where the time went, and what to do next.
import { type Arguments, demoCommand } from '../arguments.ts';
import { duration, interval, nameTable } from '../screen/table.ts';
import type { Timeline } from '../screen/timeline.ts';
import { describeMachine, measureOperator, type OperatorFigures, writesBetween } from '../steps/measure.ts';
import type { Move } from './move.ts';
import type { Rollouts, Trial } from './rollout.ts';
import type { Stage } from './stage.ts';
import type { Model } from './train.ts';

/** What the scenes before have measured. */
export interface Measured {
  readonly first: Model;
  readonly move: Move;
  readonly rollouts: Rollouts;
  /** What the operator said before the first model. */
  readonly operator: OperatorFigures;
  readonly timeline: Timeline;
  /** Where the time of the preparation went. */
  readonly summary: string;
}

/** Prints it all. */
export async function lookBack({ screen, place }: Stage, measured: Measured): Promise<void> {
  const { timeline, summary, first, move, rollouts } = measured;
  const operator = await measureOperator(place.cluster);
  screen.heading('What was measured');
  screen.say(
    ...nameTable([
      ['this machine', describeMachine()],
      [`accuracy of ${first.version}`, interval(first.accuracy)],
      [`accuracy of ${move.model.version}`, interval(move.model.accuracy)],
      ...loadRows(move),
      ...rollouts.trials.flatMap(trialRows),
      ['requests in rollouts', lossLine(rollouts)],
      ['memory of the operator', `${operator.memoryMiB.toFixed(0)} MiB`],
      ['API writes of the operator', writeLine(writesBetween(measured.operator, operator))],
    ]),
  );
  if (move.load.refused > 0) {
    screen.say('  Refused means 429 with Retry-After: for a while this machine was too busy to answer 50 in a second.');
  }
  screen.heading('Timeline');
  screen.say(...nameTable(timeline.scenes().map(({ title, seconds }) => [title, duration(seconds).padStart(12)])));
  screen.heading('Where the preparation went');
  screen.say(summary);
}

function loadRows({ load, model, secondsToSwitch, secondsToSettle }: Move): [string, string][] {
  const { sent, answered, refused, lost, rate, slowest } = load;
  const faults = [...load.faults].map(([fault, times]) => `${times} × ${fault}`).join(', ');
  return [
    ['requests sent', `${sent}, at ${rate.toFixed(1)} per second`],
    ['answered, refused, lost', `${answered}, ${refused}, ${lost}${faults === '' ? '' : ` (${faults})`}`],
    ['latency', `${quantiles(load)}, slowest ${slowest.toFixed(0)} ms`],
    ...load.versions.map((part): [string, string] => [
      `by ${part.version}`,
      `${part.answers} answers, ${quantiles(part)}`,
    ]),
    ['as clients saw the switch', handover(load.versions)],
    [`${model.version} had all traffic`, `${duration(secondsToSwitch)} after its training had ended`],
    ['the old servers were gone', `${duration(secondsToSettle)} after that training had ended`],
  ];
}

/** How accurate, how far it came by how many samples, and how fast it was taken back. */
function trialRows({ model, steps, answers, refusal }: Trial): [string, string][] {
  const { version, accuracy } = model;
  const seen = steps.map(({ step, samples }) => `${step} ${samples}`).join(', ');
  const rows: [string, string][] = [
    [`accuracy of ${version}`, interval(accuracy)],
    [`samples of ${version}`, seen === '' ? `none: it answered ${answers} requests` : seen],
  ];
  if (!refusal) return [...rows, [`${version} was`, 'promoted']];
  const { gate, lastRequestAfter: last, withdrawnAfter: out } = refusal;
  rows.push([`${version} was`, `refused by gate ${gate}`]);
  if (last !== undefined) {
    const when = `${Math.abs(last).toFixed(0)} ms ${last < 0 ? 'before' : 'after'}`;
    rows.push(['  its last request', `came ${when} the decision was seen`]);
  }
  if (out !== undefined) rows.push(['  its weight', `was known to be 0 ${out} ms after the reading that showed it`]);
  return rows;
}

/** PUT renews the lease. */
function writeLine(writes: ReadonlyMap<string, number>): string {
  const sum = [...writes.values()].reduce((total, count) => total + count, 0);
  const parts = [...writes].map(([method, count]) => `${count} ${method}`).sort();
  return `${sum} since the first job (${parts.join(', ')}; PUT renews the lease)`;
}

const lossLine = ({ load: { sent, answered, refused, lost } }: Rollouts) =>
  `${sent} sent, ${answered} answered, ${refused} refused, ${lost} lost`;

const quantiles = ({ p50, p99 }: { readonly p50: number; readonly p99: number }) =>
  `p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`;

/** How the newest version's first answer stands to the older one's last. */
function handover([older, newer]: Move['load']['versions']): string {
  if (!older || !newer) return 'only one version answered';
  const milliseconds = newer.firstAt - older.lastAt;
  if (milliseconds < 0) return `both versions answered for ${(-milliseconds).toFixed(0)} ms`;
  return `${milliseconds.toFixed(0)} ms from the old one's last answer to the new one's first`;
}

/** Tells how to look around, and how to end it. */
export function farewell({ screen, place }: Stage, given: Arguments): void {
  const { kubeconfigPath, toolsPath, context } = place.cluster;
  const kubectl = context === undefined ? 'kubectl' : `kubectl --context ${context}`;
  screen.heading('Look around');
  screen.say(
    `  export KUBECONFIG=${kubeconfigPath} PATH=${toolsPath}:$PATH`,
    ...[
      'get sluice',
      'describe modeldeployment digits',
      'get events --sort-by=.lastTimestamp',
      'explain trainingjob.spec.trainer.builtin',
    ].map((command) => `  ${kubectl} --namespace ${given.namespace} ${command}`),
  );
  screen.heading('Go on');
  screen.say(
    ...nameTable([
      [demoCommand(given), 'again, on the same cluster'],
      ['npm run demo -- --context NAME --registry HOST/PATH', 'on a cluster of yours'],
      [demoCommand(given, '--clean'), 'clean up'],
    ]),
  );
}
