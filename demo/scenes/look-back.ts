// Scene: what was measured, where the time went, and what to do next.
import type { Progress } from '../../test/cluster/progress.ts';
import type { Arguments } from '../arguments.ts';
import { duration, interval, nameTable } from '../screen/table.ts';
import type { Timeline } from '../screen/timeline.ts';
import { describeMachine, operatorMemory } from '../steps/measure.ts';
import type { Move } from './move.ts';
import type { Stage } from './stage.ts';
import type { Model } from './train.ts';

/** What the scenes before have measured. */
export interface Measured {
  readonly first: Model;
  readonly move: Move;
  readonly timeline: Timeline;
  readonly progress: Progress;
}

/** Prints it all. */
export async function lookBack({ screen, place }: Stage, measured: Measured): Promise<void> {
  const { timeline, progress, first, move } = measured;
  const memory = await operatorMemory(place.cluster);
  screen.heading('What was measured');
  screen.say(
    ...nameTable([
      ['this machine', describeMachine()],
      [`accuracy of ${first.version}`, interval(first.accuracy)],
      [`accuracy of ${move.model.version}`, interval(move.model.accuracy)],
      ...loadRows(move),
      ['memory of the operator', `${memory.toFixed(0)} MiB`],
    ]),
  );
  screen.heading('Timeline');
  screen.say(...nameTable(timeline.scenes().map(({ title, seconds }) => [title, duration(seconds).padStart(12)])));
  screen.heading('Where the preparation went');
  screen.say(progress.summary());
}

function loadRows({ load, model, secondsToSwitch, secondsToSettle }: Move): [string, string][] {
  const { sent, answered, refused, lost, rate, p50, p99, slowest } = load;
  const faults = [...load.faults].map(([fault, times]) => `${times} × ${fault}`).join(', ');
  return [
    ['requests sent', `${sent}, at ${rate.toFixed(1)} per second`],
    ['answered, refused, lost', `${answered}, ${refused}, ${lost}${faults === '' ? '' : ` (${faults})`}`],
    ['latency', `p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms, slowest ${slowest.toFixed(0)} ms`],
    ...load.versions.map(({ version, answers }): [string, string] => [`answers by ${version}`, String(answers)]),
    ['both versions answered', `${duration(overlap(load.versions))} long`],
    [`${model.version} had all traffic`, `${duration(secondsToSwitch)} after it was there`],
    ['nothing of the old was left', `${duration(secondsToSettle)} after that moment, too`],
  ];
}

/** Seconds between the newest version's first answer and the older one's last. */
function overlap([older, newer]: Move['load']['versions']): number {
  return older && newer ? Math.max(0, older.lastAt - newer.firstAt) / 1000 : 0;
}

/** Tells how to look around, and how to end it. */
export function farewell({ screen, place }: Stage, { isForeign, namespace }: Arguments): void {
  const { kubeconfigPath, toolsPath, context } = place.cluster;
  const kubectl = context === undefined ? 'kubectl' : `kubectl --context ${context}`;
  screen.heading('Look around');
  screen.say(
    ...(isForeign ? [] : [`  export KUBECONFIG=${kubeconfigPath} PATH=${toolsPath}:$PATH`]),
    `  ${kubectl} get sluice --namespace ${namespace}`,
    `  ${kubectl} describe modeldeployment digits --namespace ${namespace}`,
    `  ${kubectl} get events --namespace ${namespace} --sort-by=.lastTimestamp`,
    `  ${kubectl} explain trainingjob.spec.trainer.builtin`,
  );
  screen.heading('Go on');
  screen.say(
    '  npm run demo                                              again, on the same cluster',
    '  npm run demo -- --context NAME --registry HOST/PATH       on a cluster of yours',
  );
  screen.say(`  ${cleanCommand(isForeign, context)}   clean up`);
}

/** The command that removes what the demo made. */
export function cleanCommand(isForeign: boolean, context: string | undefined): string {
  const target = isForeign && context !== undefined ? ` --context ${context}` : '';
  return `npm run demo -- --clean${target}`;
}
