// The ModelGateway planner: it says whether the gateway of the namespace is as the object asks. The gateway itself is made
// by the round of its namespace, which reads the same object; what leads into the namespace is made here.
import type { Condition } from '@sluice/crds/fragments.ts';
import type { ModelGatewayReason } from '@sluice/crds/reasons.ts';
import type { Expose } from '@sluice/crds/v1alpha1/gateway/expose.ts';
import { type ModelGatewaySpec, type ModelGatewayStatus, maxGatewayPods } from '@sluice/crds/v1alpha1/model-gateway.ts';
import { mergeConditions, type Statement } from '../conditions.ts';
import { rulesOf, secretNamesOf } from '../gateway/access/rules.ts';
import { gatewayContainer, gatewaySpecAnnotation, labelsBeside } from '../gateway/children.ts';
import { isReady } from '../gateway/plan.ts';
import type { Instant, Plan } from '../plan.ts';
import { startupProblem } from '../pods/startup.ts';
import { type Reached, reached } from './address.ts';
import type { ModelGatewayObserved, ModelGatewaySettings } from './observed.ts';
import { refusedUpdates, wordsOfRefused } from './refused-updates.ts';
import { wayIn } from './way-in.ts';

type Outcome = {
  /** `Hindered`: somebody has to act, if it does not pass by itself. */
  readonly standing: 'Ready' | 'Moving' | 'Hindered';
  readonly reason: ModelGatewayReason;
  readonly message: string;
};

/** What is missing is looked for so often: whoever says why may say it without a change of what is watched. */
const pendingSeconds = 5;

export function planModelGateway(
  observed: ModelGatewayObserved,
  now: Instant,
  settings: ModelGatewaySettings,
): Plan<ModelGatewayStatus> {
  const { modelGateway, pods } = observed;
  const { generation, namespace, uid } = modelGateway.metadata;
  const hasTls = modelGateway.spec.tls !== undefined;
  const expose = spoken(modelGateway.spec);
  const previous = modelGateway.status?.conditions;
  const { address, url, problem } = reached(namespace, expose, observed.wayIn);
  const refused = refusedUpdates(observed.refusals);
  const outcome = decide(observed, problem ?? refusedProblem(refused));
  const labels = labelsBeside(settings, { spec: modelGateway.spec, uid, generation });
  const conditions = mergeConditions(previous, statements(outcome), { generation, now });
  return {
    desired: wayIn(
      { namespace, labels },
      { expose, hasTls, places: observed.places, missing: observed.wayIn.missing },
      settings,
    ),
    status: {
      observedGeneration: generation,
      pods: Math.min(maxGatewayPods, pods.length),
      readyPods: Math.min(maxGatewayPods, pods.filter(isReady).length),
      ...(address === undefined ? {} : { address }),
      ...(url === undefined ? {} : { url }),
      ...(refused.length === 0 ? {} : { refusedUpdates: refused }),
      conditions,
    },
    events: isStalled(conditions) && !isStalled(previous) ? [{ type: 'Warning', ...wordsOf(outcome) }] : [],
    measure: [],
    ...(problem ? { wakeAfterSeconds: pendingSeconds } : {}),
  };
}

function refusedProblem(refused: ReturnType<typeof refusedUpdates>): Reached['problem'] {
  const message = wordsOfRefused(refused);
  return message === undefined ? undefined : { reason: 'UpdatesRefused', message };
}

/** Where the gateway ends TLS, clients speak it to whatever leads there. */
const spoken = ({ expose, tls }: ModelGatewaySpec): Expose | undefined =>
  expose && tls ? { ...expose, scheme: 'HTTPS' } : expose;

const isStalled = (conditions: readonly Condition[] | undefined) =>
  conditions?.some(({ type }) => type === 'Stalled') === true;

/** The pods first: without them no address leads to anything. */
function decide(observed: ModelGatewayObserved, problem: Reached['problem']): Outcome {
  const pods = decidePods(observed);
  return pods.standing === 'Ready' && problem ? { standing: 'Hindered', ...problem } : pods;
}

function decidePods(observed: ModelGatewayObserved): Outcome {
  const { isUsed, modelGateway, deployment, pods } = observed;
  const { replicas } = modelGateway.spec;
  if (!isUsed) {
    const message = 'the namespace has no ModelDeployment; its gateway is made with the first one';
    return { standing: 'Ready', reason: 'Unused', message };
  }
  if (isAsWanted(observed)) {
    const message = `${replicas} gateway ${replicas === 1 ? 'pod answers' : 'pods answer'} as spec asks`;
    return { standing: 'Ready', reason: 'PodsReady', message };
  }
  const problem = startupProblem(deployment, pods, {
    memoryField: 'spec.resources.memory',
    ownContainers: [gatewayContainer],
    secretNames: secretNamesOf(rulesOf(modelGateway.spec)),
  });
  if (problem !== undefined) return { standing: 'Hindered', reason: 'PodsNotStarting', message: problem };
  const message = 'gateway pods are made or replaced, one by one';
  return { standing: 'Moving', reason: 'PodsStarting', message };
}

/** Whether the Deployment was made for this very spec, and all its pods are. Counts of an older one say nothing. */
function isAsWanted({ modelGateway, deployment }: ModelGatewayObserved): boolean {
  if (deployment === undefined || !isMadeFor(modelGateway, deployment)) return false;
  const { observedGeneration = 0, replicas, updatedReplicas, readyReplicas } = deployment.status ?? {};
  const counts = [replicas, updatedReplicas, readyReplicas];
  return (
    observedGeneration >= deployment.metadata.generation &&
    counts.every((count) => count === modelGateway.spec.replicas)
  );
}

const isMadeFor = (
  { metadata }: ModelGatewayObserved['modelGateway'],
  deployment: NonNullable<ModelGatewayObserved['deployment']>,
): boolean =>
  Object.entries(gatewaySpecAnnotation(metadata)).every(
    ([name, value]) => deployment.metadata.annotations?.[name] === value,
  );

const wordsOf = ({ reason, message }: Outcome) => ({ reason, message });

function statements(outcome: Outcome): Statement[] {
  const said = wordsOf(outcome);
  if (outcome.standing === 'Ready') return [{ type: 'Ready', status: 'True', ...said }];
  const ready: Statement = { type: 'Ready', status: 'False', ...said };
  if (outcome.standing === 'Moving') return [ready, { type: 'Reconciling', status: 'True', ...said }];
  return [ready, { type: 'Stalled', status: 'True', ...said, mayPass: true }];
}
