// Plays the scenes of the benchmark of rollouts on one fresh place, with progress.
import { Progress } from '../../cluster/progress.ts';
import { kwokProgram } from '../control-plane/kwok.ts';
import { untilReady } from '../control-plane/operator-process.ts';
import { kwokNodes, openPlace, type Place } from '../control-plane/place.ts';
import { namespace, rollAllOut, rollingNames, rollPlain, serveFirst } from './at-once.ts';
import { bringToRest, lookAtRest, restingNames } from './at-rest.ts';
import type { Measured } from './figures.ts';
import { allRolloutNamespaces, storeVersions } from './objects.ts';
import { isGateway, type PlayedPods, playPods, podNetworkFlag } from './played-pods.ts';
import { measurePushes } from './push.ts';

export type Sizes = {
  /** Rollouts at once. */
  readonly rollouts: number;
  /** ModelDeployments at rest when the processor time is taken. */
  readonly few: number;
  /** … and when the memory is. */
  readonly many: number;
  /** How long the operator is looked at while nothing happens. */
  readonly restSeconds: number;
  readonly listeners: number;
  /** Changes of a weight. */
  readonly changes: number;
};

/** Ten seconds of pauses in two steps. */
const stepSeconds = 5;

export type RunOptions = Sizes & {
  /** Where the operator's processor profiles go; none when absent. */
  readonly profiles?: string | undefined;
};

/** Measures everything; what was started is stopped, whatever happens. */
export async function measureRollouts(options: RunOptions, progress = new Progress()): Promise<Measured> {
  const kwok = await kwokProgram(progress);
  let gateways: PlayedPods | undefined;
  const place = await progress.stage('start the control plane', () =>
    openPlace(
      progress,
      async (apiserver, client) => {
        const nodes = await kwokNodes(kwok)(apiserver, client);
        const played = await playPods(apiserver, isGateway);
        gateways = played;
        return { stop: () => Promise.all([played.stop(), nodes.stop()]).then(() => undefined) };
      },
      allRolloutNamespaces,
    ),
  );
  try {
    if (!gateways) throw new Error('Nobody plays the gateways.');
    return await play(place, gateways, { options, progress });
  } finally {
    await place.stop();
  }
}

async function play(
  place: Place,
  gateways: PlayedPods,
  { options, progress }: { readonly options: RunOptions; readonly progress: Progress },
): Promise<Measured> {
  const { rollouts, few, many, restSeconds, listeners, changes, profiles } = options;
  const flags = profiles === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profiles}`];
  const stage = <T>(name: string, work: (report: (detail: string) => void) => Promise<T>) => progress.stage(name, work);
  const crowd = { count: rollouts, stepSeconds };
  await stage('store versions', () => storeAll(place, options));
  const operator = await place.program.start([podNetworkFlag, ...flags]);
  try {
    await untilReady(operator);
    // Before any gateway is played: a real Envoy wants its ports on all addresses.
    const push = await stage(`${changes} weights to an Envoy with ${listeners} listeners`, (report) =>
      measurePushes(place, operator, { listeners, changes, report }),
    );
    gateways.begin(`127.0.0.1:${operator.xdsPort}`, place.program.hop);
    const plainSeconds = await stage(`${rollouts} plain Deployments`, (report) => rollPlain(place, rollouts, report));
    await stage(`serve ${rollouts} first versions`, (report) => serveFirst(place, { ...crowd, report }));
    const atOnce = await stage(`${rollouts} rollouts`, (report) => rollAllOut(place, { ...crowd, report }));
    const resting = (count: number) => async (report: (detail: string) => void) => {
      await bringToRest(place, count - rollouts, report);
      report('at rest');
      return lookAtRest(place, operator, { count, seconds: restSeconds });
    };
    const fewAtRest = await stage(`${few} at rest`, resting(few));
    const manyAtRest = await stage(`${many} at rest`, resting(many));
    return { rollouts, stepSeconds, push, plainSeconds, atOnce, fewAtRest, manyAtRest };
  } finally {
    await operator.stop();
  }
}

async function storeAll({ client }: Place, { rollouts, many }: Sizes): Promise<void> {
  await storeVersions(client, namespace, { models: rollingNames(rollouts), numbers: [1, 2] });
  for (const { namespace: resting, names } of restingNames(many - rollouts)) {
    await storeVersions(client, resting, { models: names, numbers: [1] });
  }
}
