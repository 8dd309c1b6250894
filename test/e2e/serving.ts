// Serving as tests see it: which version is live, and what clients of the cluster get while something happens.
import type { ModelDeploymentStatus } from '@sluice/crds/v1alpha1/model-deployment.ts';
import { startLoad } from '../../demo/load/run.ts';
import { type LoadAnswer, type LoadSummary, summarizeLoad } from '../../demo/load/summary.ts';
import { ask } from '../../demo/steps/client.ts';
import { demoPlace } from './demo-place.ts';
import { type Conditioned, condition, type World } from './world.ts';

/** Few enough for two cores that also train, enough to see a single lost request. */
export const requestsPerSecond = 40;

const patienceSeconds = 120;

/** The status of a ModelDeployment. */
export const servingStatus = ({ status }: Conditioned) => (status ?? {}) as Partial<ModelDeploymentStatus>;

/** URL of the infer endpoint that clients in the cluster use. */
export function inferUrl(deployment: Conditioned): string {
  const url = servingStatus(deployment).endpoints?.[0]?.url;
  if (url === undefined) throw new Error(`ModelDeployment ${deployment.metadata.name} has no endpoint`);
  return url;
}

/** Whether the operator has seen the newest spec and `version` is known to get every request. */
export function isLive(deployment: Conditioned, version: string): boolean {
  const { stable, traffic, observedGeneration } = servingStatus(deployment);
  const share = traffic?.find(({ revision }) => revision === stable?.revision);
  return (
    observedGeneration === deployment.metadata.generation &&
    stable?.version === version &&
    share?.verifiedPercent === 100 &&
    condition(deployment, 'Ready')?.status === 'True' &&
    condition(deployment, 'Progressing') === undefined
  );
}

/** Waits until `version` gets every request. */
export const untilLive = (world: World, name: string, version: string) =>
  world.until({ kind: 'ModelDeployment', name, within: patienceSeconds }, (deployment) => isLive(deployment, version));

/** Waits until nothing of an older revision is left: no share, no Deployment, no pod. */
export async function untilOnlyOneRevision(world: World, name: string): Promise<void> {
  const what = `the old revisions of ${name} are gone`;
  await world.eventually({ what, within: patienceSeconds }, async () => {
    const deployment = await world.find('ModelDeployment', name);
    const selector = `sluice.dev/model-deployment=${name}`;
    const parts = (await Promise.all(['Deployment', 'Pod'].map((kind) => world.list(kind, selector)))).flat();
    const revisions = new Set(parts.map(({ metadata }) => metadata.labels?.['sluice.dev/revision']));
    const shares = deployment ? servingStatus(deployment).traffic?.length : undefined;
    return shares === 1 && revisions.size === 1 ? true : undefined;
  });
}

const timeOf = (answer: LoadAnswer | undefined) => new Date(answer?.at ?? 0).toISOString().slice(11, 23);

/**
 * Throws when a request had no answer, or one that is neither a success nor 429. With 429 the server says that the node is
 * too busy, which on a small machine it may be, and which is no failure of what the test does; most must be answered well.
 */
export function checkLoad(answers: readonly LoadAnswer[]): void {
  const failures = answers.filter(({ status }) => status !== 200 && status !== 429);
  const kinds = Map.groupBy(failures, ({ status, error }) => error ?? `status ${status}`);
  const told = [...kinds].map(
    ([kind, group]) => `${group.length} × ${kind} from ${timeOf(group[0])} to ${timeOf(group.at(-1))}`,
  );
  const summary = summarizeLoad(answers);
  if (failures.length > 0) throw new Error(`of ${summary.sent} requests failed: ${told.join(', ')}`);
  if (summary.answered < 0.8 * summary.sent) {
    throw new Error(`only ${summary.answered} of ${summary.sent} requests were answered; ${summary.refused} got 429`);
  }
}

type Requests = { readonly url: string; readonly bodies: readonly string[] };

/**
 * Sends requests at a constant rate while `work` is done and a little longer; rejects when one is lost. Needs the client's
 * pod.
 */
export async function answersUnderLoad(
  world: World,
  { url, bodies }: Requests,
  work: () => Promise<unknown>,
): Promise<readonly LoadAnswer[]> {
  const load = startLoad(demoPlace(world), { url, requestsPerSecond, bodies });
  const more = (count: number) =>
    world.eventually({ what: `${count} more answers` }, async () => (load.answers.length >= count ? true : undefined));
  try {
    await more(requestsPerSecond);
    await work();
    await more(load.answers.length + requestsPerSecond);
  } finally {
    await load.stop();
  }
  checkLoad(load.answers);
  return load.answers;
}

/** The same; resolves to the summary of the answers. */
export const underLoad = async (world: World, requests: Requests, work: () => Promise<unknown>): Promise<LoadSummary> =>
  summarizeLoad(await answersUnderLoad(world, requests, work));

/** The body of a request about one point of `datasets.ts`. */
export const pointBody = (x: number, y: number) =>
  JSON.stringify({
    inputs: [
      { name: 'x', datatype: 'FP64', shape: [1], data: [x] },
      { name: 'y', datatype: 'FP64', shape: [1], data: [y] },
    ],
  });

/** The version that answers for a point, and its label; rejects with the answer when it is none. */
export async function askAboutPoint(world: World, url: string, x: number, y: number) {
  const { status, body } = await ask(demoPlace(world), url, pointBody(x, y));
  if (status !== 200) throw new Error(`${url} answered ${status}: ${body}`);
  const answer = JSON.parse(body) as { model_version: string; outputs: { name: string; data: unknown[] }[] };
  return { version: answer.model_version, label: answer.outputs.find(({ name }) => name === 'label')?.data[0] };
}
